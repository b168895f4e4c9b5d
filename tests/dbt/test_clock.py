"""Nothing depends on when it is built."""

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import ROOT, Build, build

# Every way a statement could learn what time it is, or be different each time; a field of a result may be called today.
CLOCKS = re.compile(
    r"(?<!\.)\b(now|today|current_date|current_time|current_timestamp|current_localtime(stamp)?|localtime(stamp)?|sysdate|"
    r"getdate|get_current_\w+|transaction_timestamp|statement_timestamp|random|rand|uuid|gen_random_uuid)\b"
)
# The one place with a stopwatch: it says how long each round of the materialisation plg_components took.
STOPWATCH = "_component_rounds.sql"


@pytest.fixture(scope="module")
def shifted_clock(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process whose wall clock is 400 days fast, compiled with the linker that Rust needs, too."""
    library = tmp_path_factory.mktemp("clock") / "shifted_clock.so"
    source = Path(__file__).with_name("shifted_clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library)}


def test_the_shifted_clock_is_what_python_and_duckdb_read(shifted_clock):
    program = "import duckdb, time; print(time.time(), duckdb.execute('select epoch(now())').fetchall()[0][0])"
    moments = [
        list(map(float, subprocess.check_output([sys.executable, "-c", program], env=env).split()))
        for env in (None, shifted_clock)
    ]
    for right, shifted in zip(*moments):
        assert shifted - right == pytest.approx(400 * 86400, abs=600)


def test_building_again_in_another_year_gives_the_same_tables(sample_build: Build, shifted_clock):
    before, built_at = sample_build.tables(), sample_build.built_at()
    again = build(sample_build.database, environment=shifted_clock)
    assert again.built_at() - built_at > timedelta(days=399)
    assert again.tables() == before


def test_building_again_gives_the_same_tables(sample_build: Build):
    before = sample_build.tables()
    assert build(sample_build.database).tables() == before


def test_no_statement_reads_a_clock(sample_build: Build):
    compiled = sorted((sample_build.database.with_suffix(".dbt") / "target/compiled").rglob("*.sql"))
    assert len(compiled) >= len(sample_build.models())
    for path in compiled:
        assert not CLOCKS.search(path.read_text().lower()), path.name
    for path in sorted((ROOT / "dbt").glob("m*/**/*.sql")):
        text = path.read_text()
        if path.name == STOPWATCH:
            # What it measures goes into a table of its own that is nothing's source.
            text = re.sub(r"modules\.datetime\.datetime\.now\(\)( - state\.started\)\.total_seconds\(\))?", "", text)
        assert not re.search(r"run_started_at|modules\.(datetime|pytz)|invocation_id", text), path.name
        assert not re.search(r"\b\w+_rounds\b", text) or path.parent.name == "components", path.name
