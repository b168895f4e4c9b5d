"""Upgrades: an earlier version is installed and in use, the new install.sql runs over it, and whoever asks meanwhile is answered.

The earlier version is this one with another number, other bodies of its private functions and a function more."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest
from conftest import DIST, ROOT

SCRIPTS = DIST / "duckdb"
NEW = re.search('^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
OLD = "0.0.9"


def old_script():
    """With a version of its own, and one macro that computed something else."""
    script = (SCRIPTS / "install.sql").read_text().replace(NEW, OLD)
    changed = script.replace("  plg_decay_linear(points, age_days, window_days);", "  -1;")
    assert changed != script
    return changed


def old_extension(folder):
    """The extension as an earlier version was stamped: the footer's third field from the front of the version's."""
    content = (SCRIPTS / "plg.duckdb_extension").read_bytes()
    footer = content[-534:]
    stamped = footer.replace(f"v{NEW}".encode().ljust(32, b"\0"), f"v{OLD}".encode().ljust(32, b"\0"))
    assert stamped != footer
    path = folder / "plg.duckdb_extension"
    path.write_bytes(content[:-534] + stamped)
    return path


def connect(path, extension=SCRIPTS / "plg.duckdb_extension"):
    connection = duckdb.connect(str(path), config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension}'")
    return connection


@pytest.fixture
def earlier(tmp_path):
    """A database file into which another process, with the extension of then, has installed the earlier version."""
    path = tmp_path / "product.duckdb"
    script = tmp_path / "old.sql"
    script.write_text(old_script())
    program = f"""
import duckdb
connection = duckdb.connect({str(path)!r}, config={{"allow_unsigned_extensions": "true"}})
connection.execute("LOAD '{old_extension(tmp_path)}'")
connection.execute(open({str(script)!r}).read())
connection.execute("CREATE TABLE signals AS SELECT 8.0 AS points, 7.0 AS age_days FROM range(1000)")
connection.execute("CREATE VIEW worth AS SELECT plg.decay_half_life(points, age_days, 7) AS worth FROM signals")
connection.execute("CREATE TABLE kept AS SELECT worth FROM worth")
assert connection.execute("SELECT plg.version(), sum(worth) FROM worth").fetchall() == [("{OLD}", 4000.0)]
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return path


def test_the_earlier_macros_go_on_over_the_new_extension_until_the_script_runs(earlier):
    with connect(earlier) as connection:
        assert connection.execute("SELECT plg.version(), sum(worth) FROM worth").fetchall() == [(OLD, 4000.0)]
        connection.execute((SCRIPTS / "install.sql").read_text())
        assert connection.execute("SELECT plg.version(), sum(worth) FROM worth").fetchall() == [(NEW, 4000.0)]
        assert connection.execute("SELECT plg.decay_linear(8, 7, 28)").fetchone() == (6.0,)
        assert connection.execute("SELECT sum(worth) FROM kept").fetchone() == (4000.0,)
        assert all(row[-1] for row in connection.execute((SCRIPTS / "verify.sql").read_text()).fetchall())


def test_the_new_script_is_refused_under_the_earlier_extension(tmp_path):
    program = f"""
import duckdb
connection = duckdb.connect(config={{"allow_unsigned_extensions": "true"}})
connection.execute("LOAD '{old_extension(tmp_path)}'")
connection.execute(open({str(SCRIPTS / "install.sql")!r}).read())
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert f"the loaded extension is v{OLD}, this script is for v{NEW}" in ran.stderr


def test_a_session_in_a_transaction_stays_with_what_it_began_with(earlier):
    with connect(earlier) as connection, connection.cursor() as session:
        session.execute("BEGIN")
        asked = "SELECT plg.version(), plg.decay_linear(8, 7, 28)::DOUBLE"
        assert session.execute(asked).fetchone() == (OLD, -1.0)
        connection.execute((SCRIPTS / "install.sql").read_text())
        assert session.execute(asked).fetchone() == (OLD, -1.0)
        session.execute("COMMIT")
        assert session.execute(asked).fetchone() == (NEW, 6.0)


def test_calls_from_open_sessions_are_answered_all_the_time(earlier):
    with connect(earlier) as connection:
        stop, answers, errors = threading.Event(), set(), []

        def ask(session):
            while not stop.is_set():
                try:
                    # One statement sees one state of the catalogue.
                    answers.add(session.execute("SELECT plg.version(), (SELECT sum(worth) FROM worth)").fetchone())
                except duckdb.Error as error:
                    errors.append(error)

        asking = threading.Thread(target=ask, args=(connection.cursor(),))
        asking.start()
        new = (SCRIPTS / "install.sql").read_text()
        for script in [new, old_script_for_this_extension(), new]:
            connection.execute(script)
        stop.set()
        asking.join()
    assert errors == [] and answers == {(OLD, 4000.0), (NEW, 4000.0)}


def old_script_for_this_extension():
    """The earlier script without its look at the extension, to change back and forth in one process."""
    return re.sub(r"SELECT error\([^;]*extension_version <> [^;]*;", "", old_script())


# What stands between CREATE and a function's arguments, per warehouse.
CREATED = {
    "snowflake": re.compile(r"^CREATE OR REPLACE FUNCTION (\w+)\(", re.M),
    "bigquery": re.compile(r"^CREATE OR REPLACE (?:AGGREGATE )?FUNCTION `YOUR_PROJECT\.plg\.(\w+)`\(", re.M),
}
HASH = re.compile(r"__[0-9a-f]{10}\b")


def statements(script, created):
    """Each function's name with the text of its statement."""
    starts = [match.start() for match in created.finditer(script)]
    return [(created.match(script, start)[1], script[start:end]) for start, end in zip(starts, [*starts[1:], len(script)])]


def calls(name, text):
    """The private functions that a public one calls; their own bodies, which are long, call none."""
    return set() if HASH.search(name) else set(re.findall(r"\w+__[0-9a-f]{10}\b", text))


@pytest.mark.parametrize("warehouse", CREATED)
def test_after_every_statement_of_an_upgrade_every_function_finds_what_it_calls(warehouse):
    script = (DIST / warehouse / "install.sql").read_text()
    new = statements(script, CREATED[warehouse])
    # Of the earlier version every body was another one.
    old = statements(HASH.sub("__0123456789", script), CREATED[warehouse])
    catalogue = {name: calls(name, text) for name, text in old}
    assert len(new) > 100 and sum(map(bool, catalogue.values())) > 50
    for name, text in new:
        catalogue[name] = calls(name, text)
        lost = {caller: called - catalogue.keys() for caller, called in catalogue.items() if called - catalogue.keys()}
        assert lost == {}, f"after {name}"
    # Nothing of the earlier version is gone: statements that run finish on it.
    assert {name for name, _ in old} <= catalogue.keys()
    assert not re.search(r"^DROP FUNCTION", script, re.M) or script.rindex("CREATE OR REPLACE") < script.index("\nDROP FUNCTION")


def test_snowflake_keeps_the_grants_of_every_function_that_it_replaces():
    script = (DIST / "snowflake/install.sql").read_text()
    created = statements(script, CREATED["snowflake"])
    assert created and [name for name, text in created if "\nCOPY GRANTS\n" not in text] == []


@pytest.mark.parametrize("warehouse, granted", [("snowflake", "FUTURE FUNCTIONS IN SCHEMA"), ("bigquery", "ON SCHEMA")])
def test_grants_hold_for_functions_that_come_later(warehouse, granted):
    """Snowflake grants future functions, BigQuery the dataset, which a replaced function does not leave."""
    assert granted in (DIST / warehouse / "grants.sql").read_text()
