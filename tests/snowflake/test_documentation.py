"""Both parsers read the queries in docs/warehouses/snowflake.md, and the functions that they call exist."""

import re

import pytest
from conftest import ROOT
from snowflake import parse_with_sqlfluff, parse_with_sqlglot, table_functions

PAGE = (ROOT / "docs/warehouses/snowflake.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def test_there_are_queries():
    assert len(QUERIES) == 6


@pytest.mark.parametrize("query", QUERIES)
def test_the_query_parses(query):
    parse_with_sqlglot(query)
    assert parse_with_sqlfluff(query) == 1


def test_the_functions_exist(public, install):
    called = set(re.findall(r"\bplg\.(\w+)\(", PAGE))
    assert {"identity_components", "journey", "score_events", "status_case", "version"} <= called
    assert called <= {function.name for function in [*public, *table_functions(install)]}
