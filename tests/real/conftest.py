"""Events of other people, and a year with planted truth, through the dbt project."""

import csv
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
DUCKDB = Path(os.environ["PLG_DIST"]) / "duckdb"
EXTENSION = DUCKDB / "plg.duckdb_extension"
PROJECT = ROOT / "dbt/integration_tests"


def dataset(package: str, *parts: str) -> Path:
    """A file inside a package, which need not be importable."""
    [folder] = importlib.util.find_spec(package).submodule_search_locations
    return Path(folder).joinpath(*parts)


def run(*command: object, environment: dict[str, str] | None = None) -> None:
    finished = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, env=os.environ | (environment or {})
    )
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr


def load_events(database: Path, rows: list[tuple]) -> None:
    """The raw tables of a file of events: user, event, and when."""
    events = database.with_suffix(".csv")
    with events.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "event", "occurred_at"])
        writer.writerows(rows)
    run(
        sys.executable, "-B", ROOT / "xtask/demo/load.py", "--database", database, "--sample", ROOT / "sample",
        "--events", events,
    )


def install(database: Path) -> None:
    script = DUCKDB / "install.sql"
    run(
        sys.executable, "-B", ROOT / "xtask/demo/install.py", "--database", database, "--extension", EXTENSION,
        "--script", script,
    )


def dbt(database: Path, command: str, as_of: str, variables: dict, *arguments: str) -> None:
    """Runs dbt on the integration project, whose own tests are about the sample and stay out."""
    output = database.with_suffix(".dbt")
    program = Path(os.environ["PLG_PYTHON_DBT"]).with_name("dbt")
    environment = {
        "PLG_DUCKDB_DATABASE": str(database), "PLG_DUCKDB_EXTENSION": str(EXTENSION), "PLG_AS_OF": as_of,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    folders = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--log-path", output / "logs"]
    run(program, "--no-use-colors", "deps", *folders, environment=environment)
    run(
        program, "--no-use-colors", "--warn-error", command, *folders, "--target-path", output / "target",
        "--vars", json.dumps(variables), "--exclude", "package:plg_integration_tests", *arguments, environment=environment,
    )


def query(database: Path, text: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(text).fetchall()


@pytest.fixture(scope="session")
def cdnow(tmp_path_factory: pytest.TempPathFactory):
    """Builds the project on purchases of CDNOW, as of the end of the calibration period."""

    def build(purchases: list[tuple[str, str, int]], *selection: str) -> Path:
        database = tmp_path_factory.mktemp("cdnow") / "cdnow.duckdb"
        load_events(database, [(customer, "purchase", day) for customer, day, _ in purchases])
        install(database)
        dbt(database, "run", "1997-09-30 23:59:59.999999", {}, *selection)
        return database

    return build
