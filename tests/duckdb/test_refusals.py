"""install.sql says what is wrong instead of installing something that does not work."""

import duckdb
import pytest
from conftest import DIST

INSTALL = (DIST / "duckdb/install.sql").read_text()


def refusal(connection, script=INSTALL):
    with pytest.raises(duckdb.InvalidInputException) as raised:
        connection.execute(script)
    schemas = "SELECT count(*) FROM duckdb_schemas() WHERE schema_name = 'plg'"
    assert connection.execute(schemas).fetchone() == (0,)
    return str(raised.value)


def test_beside_a_database_attached_as_plg(connection):
    connection.execute("ATTACH ':memory:' AS plg")
    assert "plg-udfs: a database is attached as plg" in refusal(connection)


def test_with_the_extension_of_another_version(connection):
    loaded = "SELECT extension_version FROM duckdb_extensions() WHERE extension_name = 'plg'"
    [version] = connection.execute(loaded).fetchone()
    newer = INSTALL.replace(version, "v99.0.0")
    assert f"plg-udfs: the loaded extension is {version}, this script is for v99.0.0" in refusal(connection, newer)
