"""The dbt package on a year of 5 million events (tests/real/generate_year.py): a full build, and the day after.

The full build is `dbt build` from a file with nothing but raw tables: every model and every test of the package, as of the
evening before the last day. Then that day's events arrive, some 0.3 %, and `dbt run` brings all models up to date as of its end,
without what is asked once a week (`--exclude tag:plg_weekly`). Both with dbt's start, in seconds of wall time. So that the
share of dbt itself can be seen, the same run follows once more with nothing new, then the run of the smallest model alone, which is
dbt's start (`dbt_one_model`), and a project of as many tables of one constant row each, as dbt-duckdb makes them
(`dbt_empty_models`).

Prints a JSON object per entry. Needs PLG_ROOT, PLG_DIST and PLG_PYTHON_DBT.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(os.environ["PLG_ROOT"])
sys.path.insert(0, str(ROOT / "tests/real"))

from generate_year import VARIABLES, Year  # noqa: E402

EVENTS = 5_000_000
EVE, END = "2026-06-30 00:00:00", "2026-07-01 00:00:00"
PROJECT = ROOT / "dbt/integration_tests"
EXTENSION = Path(os.environ["PLG_DIST"]) / "duckdb/plg.duckdb_extension"


def dbt(database: Path, *command: str, as_of: str = EVE) -> float:
    output = database.with_suffix(".dbt")
    program = [os.environ["PLG_PYTHON_DBT"], "-m", "dbt.cli.main"]
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--log-path", output / "logs"]
    if command[0] != "deps":
        folders += ["--target-path", output / "target", "--vars", json.dumps(VARIABLES)]
    environment = os.environ | {
        "PLG_DUCKDB_DATABASE": str(database), "PLG_DUCKDB_EXTENSION": str(EXTENSION), "PLG_AS_OF": as_of,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    started = time.perf_counter()
    finished = subprocess.run(
        list(map(str, [*program, "--no-use-colors", *command, *folders])), capture_output=True, text=True, env=environment
    )
    seconds = time.perf_counter() - started
    if finished.returncode != 0:
        sys.exit(finished.stdout[-5000:] + finished.stderr)
    return seconds


def empty_models(folder: Path, count: int) -> float:
    """Seconds of the second `dbt run` of a project of so many tables of one constant row."""
    (folder / "models").mkdir(parents=True)
    for number in range(count):
        (folder / f"models/row_{number}.sql").write_text("select 1 as one")
    (folder / "dbt_project.yml").write_text(
        "{name: rows, version: 0.1.0, config-version: 2, profile: rows, models: {rows: {+materialized: table}}}"
    )
    output = {"type": "duckdb", "path": str(folder / "rows.duckdb"), "threads": 2}
    (folder / "profiles.yml").write_text(json.dumps({"rows": {"target": "duckdb", "outputs": {"duckdb": output}}}))
    program = [os.environ["PLG_PYTHON_DBT"], "-m", "dbt.cli.main", "run", "--project-dir", folder, "--profiles-dir", folder]
    for _ in range(2):
        started = time.perf_counter()
        subprocess.run(list(map(str, program)), check=True, capture_output=True)
        seconds = time.perf_counter() - started
    return seconds


def emit(name: str, ours: float, baseline: float | None, n: int) -> None:
    ratio = None if baseline is None else ours / baseline
    print(json.dumps({"name": name, "ours": ours, "baseline": baseline, "ratio": ratio, "unit": "seconds", "n": n}), flush=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "year.duckdb"
        with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            Year(EVENTS).write(connection)
            connection.load_extension(str(EXTENSION))
            connection.execute((EXTENSION.parent / "install.sql").read_text(encoding="utf-8"))
            connection.execute(f"create schema later; create table later.events as from raw.events where occurred_at >= '{EVE}'")
            connection.execute(f"delete from raw.events where occurred_at >= '{EVE}'")
        dbt(database, "deps")
        # The project's own tests are about the sample.
        package = ["--exclude", "package:plg_integration_tests"]
        full = dbt(database, "build", *package)
        with duckdb.connect(database) as connection:
            [(new,)] = connection.execute(
                f"insert into raw.events from later.events where occurred_at < '{END}'"
            ).fetchall()
        day = dbt(database, "run", "--exclude", "tag:plg_weekly", as_of=END)
        nothing_new = dbt(database, "run", "--exclude", "tag:plg_weekly", as_of=END)
        results = json.loads((database.with_suffix(".dbt") / "target/run_results.json").read_text())["results"]
        one = dbt(database, "run", "--select", "plg_score_model", as_of=END)
        empty = empty_models(Path(folder) / "rows", len(results))
        tested = dbt(database, "build", "--exclude", "tag:plg_weekly", *package[1:], as_of=END)
    emit("dbt_full_build", full, None, EVENTS)
    emit("dbt_incremental_day", day, full, new)
    emit("dbt_nothing_new", nothing_new, full, 0)
    emit("dbt_empty_models", empty, full, len(results))
    emit("dbt_one_model", one, full, 1)
    emit("dbt_day_with_all_tests", tested, full, new)


if __name__ == "__main__":
    main()
