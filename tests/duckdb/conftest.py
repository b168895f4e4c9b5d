"""What the tests of the DuckDB extension share. They run on every DuckDB that the extension supports, so they need nothing
but the duckdb package."""

import os
import tomllib
from pathlib import Path

import duckdb
import pytest

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))
DIST = Path(os.environ.get("PLG_DIST", ROOT / "dist"))
EXTENSION = DIST / "duckdb" / "plg.duckdb_extension"


def open_database(path=":memory:"):
    """A connection to a new or existing database with the extension loaded."""
    connection = duckdb.connect(str(path), config={"allow_unsigned_extensions": True, "threads": 2})
    connection.execute(f"LOAD '{EXTENSION}'")
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def message_of(action):
    """The extension's message of the error that the action raises."""
    with pytest.raises(duckdb.InvalidInputException) as raised:
        action()
    return str(raised.value).removeprefix("Invalid Input Error: ").split("\n")[0]


@pytest.fixture
def connection():
    with open_database() as connection:
        yield connection


@pytest.fixture
def value(connection):
    """The one value of a query."""
    return lambda query, *parameters: connection.execute(query, *parameters).fetchall()[0][0]


@pytest.fixture
def message(connection):
    """The extension's message when a query fails."""
    return lambda query, *parameters: message_of(lambda: connection.execute(query, *parameters).fetchall())


ENTRIES = {file.stem: tomllib.loads(file.read_text()) for file in sorted(ROOT.glob("udfs/*/*.toml"))}
FUNCTIONS = {name: entry for name, entry in ENTRIES.items() if "kind" not in entry}
AGGREGATES = {name: entry for name, entry in ENTRIES.items() if "kind" in entry}


@pytest.fixture(scope="session")
def catalogue():
    """The functions by name."""
    return FUNCTIONS


@pytest.fixture(scope="session")
def documents():
    """The catalogue's documents by the name that examples use."""
    return {f"@{file.stem}": file.read_text() for file in ROOT.glob("udfs/*/documents/*")}


@pytest.fixture(scope="session")
def model(documents):
    """The starter model."""
    return documents["@starter"]
