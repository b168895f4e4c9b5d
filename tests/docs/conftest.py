import os
from pathlib import Path

import duckdb
import pytest
from blocks import ROOT

DIST = Path(os.environ["PLG_DIST"])
SITE = DIST / "site"


def connect() -> duckdb.DuckDBPyConnection:
    """An installed database. Blocks may name files of the repository."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute("SET TimeZone = 'UTC'")
    connection.load_extension(str(DIST / "duckdb/plg.duckdb_extension"))
    connection.execute((DIST / "duckdb/install.sql").read_text(encoding="utf-8"))
    return connection


@pytest.fixture
def connection(monkeypatch):
    monkeypatch.chdir(ROOT)
    with connect() as connection:
        yield connection
