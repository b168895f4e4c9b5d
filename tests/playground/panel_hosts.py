"""What the panels' exports are held against beside DuckDB: GoogleSQL with the functions, and a parser of Snowflake's SQL."""

import functools
import re

import sqlglot
from conftest import DIST
from googlesql import Installation

# What the three panels call.
FUNCTIONS = ("status_case", "identity_resolve", "cohort_rollout", "cohort_in_namespace")


@functools.cache
def _bigquery():
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
