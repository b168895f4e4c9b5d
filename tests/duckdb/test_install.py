"""The generated scripts: what an administrator runs."""

import hashlib

import duckdb
import pytest
from conftest import AGGREGATES, DIST, open_database

SCRIPTS = DIST / "duckdb"


def run(connection, script):
    return connection.execute((SCRIPTS / script).read_text()).fetchall()


@pytest.fixture
def installed(connection):
    run(connection, "install.sql")
    return connection


def objects_of_plg(connection):
    """Everything in a schema plg, and the schema."""
    return connection.execute("""
        SELECT function_name FROM duckdb_functions() WHERE schema_name = 'plg'
        UNION ALL SELECT schema_name FROM duckdb_schemas() WHERE schema_name = 'plg'
    """).fetchall()


def test_verify_says_ok_to_every_example(installed):
    rows = run(installed, "verify.sql")
    assert rows and [row for row in rows if row[-1] is not True] == []


def test_verify_covers_every_function(installed, catalogue):
    assert {row[0].removeprefix("plg.") for row in run(installed, "verify.sql")} >= {*catalogue, *AGGREGATES}


def test_installing_twice_changes_nothing(installed):
    macros = "SELECT * FROM duckdb_functions() WHERE schema_name = 'plg' ORDER BY function_name"
    columns = "function_name, parameters, macro_definition, comment"
    before = installed.execute(macros.replace("*", columns)).fetchall()
    run(installed, "install.sql")
    assert installed.execute(macros.replace("*", columns)).fetchall() == before


def test_uninstalling_leaves_nothing(installed):
    assert objects_of_plg(installed)
    run(installed, "uninstall.sql")
    assert objects_of_plg(installed) == []


def test_uninstalling_where_nothing_is_installed_is_no_error(connection):
    connection.execute("CREATE SCHEMA plg")
    run(connection, "uninstall.sql")
    assert objects_of_plg(connection) == []


def test_every_function_has_a_macro_with_its_arguments(installed, catalogue):
    macros = installed.execute("""
        SELECT function_name, parameters FROM duckdb_functions() WHERE schema_name = 'plg' AND function_name <> 'version'
    """).fetchall()
    arguments = {name: [argument["name"] for argument in function["arguments"]] for name, function in {**catalogue, **AGGREGATES}.items()}
    assert dict(macros) == arguments


def test_version_is_that_of_the_extension(installed):
    extension = "SELECT extension_version FROM duckdb_extensions() WHERE extension_name = 'plg'"
    version = installed.execute("SELECT plg.version()").fetchone()[0]
    assert installed.execute(extension).fetchone()[0] == f"v{version}"


def test_cohort_is_an_integer(installed):
    assert installed.execute("SELECT typeof(plg.cohort('u', 's', [0.5, 0.5], 'unleash'))").fetchone()[0] == "INTEGER"


def test_macros_and_views_survive_in_a_database_file(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    with open_database(path) as connection:
        run(connection, "install.sql")
        connection.execute("CREATE TABLE signals AS SELECT 8.0 AS points, 7 AS age_days")
        connection.execute("CREATE VIEW worth AS SELECT plg.decay_half_life(points, age_days, 7) AS worth FROM signals")
    with open_database(path) as connection:
        assert connection.execute("FROM worth").fetchall() == [(4.0,)]
        assert all(row[-1] for row in run(connection, "verify.sql"))


def test_install_without_the_extension_says_what_to_do():
    with duckdb.connect() as connection, pytest.raises(duckdb.Error, match="the extension is not loaded; run LOAD"):
        run(connection, "install.sql")


def test_install_into_a_database_called_plg_is_refused(tmp_path):
    with open_database(tmp_path / "plg.duckdb") as connection, pytest.raises(duckdb.Error, match="a database is attached as plg"):
        run(connection, "install.sql")


def test_loading_twice_is_no_error(connection):
    connection.execute(f"LOAD '{SCRIPTS / 'plg.duckdb_extension'}'")
    assert connection.execute("SELECT plg_decay_exp(8, 0, 7)").fetchone() == (8.0,)


def test_several_databases_of_one_process_load_the_extension():
    with open_database() as first, open_database() as second:
        for connection in [first, second]:
            assert connection.execute("SELECT plg_decay_exp(8, 0, 7)").fetchone() == (8.0,)


def test_the_extension_carries_the_modules_of_this_build():
    extension = (SCRIPTS / "plg.duckdb_extension").read_bytes()
    modules = sorted((DIST / "wasm").glob("*.wasm"))
    sources = "".join(f"{module.name} sha256:{hashlib.sha256(module.read_bytes()).hexdigest()}\n" for module in modules)
    assert modules and sources.encode() in extension
