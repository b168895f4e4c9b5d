"""What the panels' exports are run in: DuckDB with the extension, GoogleSQL with the functions, a parser of Snowflake's SQL."""

import functools
import os
import re
import sys
from pathlib import Path

import duckdb
import sqlglot

ROOT = Path(os.environ["PLG_ROOT"])
DIST = Path(os.environ["PLG_DIST"])

sys.path.insert(0, str(ROOT / "tests/googlesql"))

# What the three panels call.
FUNCTIONS = ("status_case", "identity_resolve", "cohort_rollout", "cohort_in_namespace")


@functools.cache
def database():
    """DuckDB as its page installs it: the extension and the schema plg."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": True, "threads": 1})
    connection.execute(f"LOAD '{DIST / 'duckdb/plg.duckdb_extension'}'")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute((DIST / "duckdb/install.sql").read_text())
    return connection


def rows(query, *parameters):
    return database().execute(query, *parameters).fetchall()


@functools.cache
def _bigquery():
    # The analyser takes seconds to start: only who asks for it waits.
    from googlesql import Installation

    installation = Installation()
    script = (DIST / "bigquery/install.sql").read_text()
    for statement in re.findall(r"^CREATE OR REPLACE FUNCTION.*?(?=^CREATE |\Z)", script, re.MULTILINE | re.DOTALL):
        name = re.match(r"CREATE OR REPLACE FUNCTION `YOUR_PROJECT\.plg\.([a-z_]+?)(__\w+)?`", statement)
        if name and name[1] in FUNCTIONS:
            installation.run(statement.strip())
    return installation


def analyse_as_bigquery(query):
    """Raises ZetaSQLError unless BigQuery's analyser takes the query with the installed functions."""
    _bigquery().analyse(query.strip().removesuffix(";"))


def parse_as_snowflake(query):
    [parsed] = [each for each in sqlglot.parse(query, dialect="snowflake") if each]
    assert not isinstance(parsed, sqlglot.exp.Command), f"not understood: {query[:200]}"
