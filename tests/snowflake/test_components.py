"""The aggregate identity_components: a JavaScript table function over PARTITION BY, which makes a row per identifier."""

import pytest
from snowflake import parse_with_sqlfluff, parse_with_sqlglot, table_functions
from test_traps import MAX_BODY_BYTES

CALL = """
    SELECT given.part, merged.identifier, merged.canonical_id
    FROM (SELECT id_a, id_b, ABS(HASH(id_a)) % 64 AS part FROM links) AS given,
    TABLE(plg.identity_components(given.id_a, given.id_b) OVER (PARTITION BY given.part)) AS merged;
"""


@pytest.fixture(scope="module")
def function(install):
    return next(function for function in table_functions(install) if function.name == "identity_components")


def test_it_takes_two_texts(function):
    assert function.arguments == (("id_a", "VARCHAR"), ("id_b", "VARCHAR"))


def test_it_makes_two_columns_and_keeps_grants(function):
    columns = "TABLE (identifier VARCHAR, canonical_id VARCHAR)"
    assert function.clauses.startswith(f"COPY GRANTS\nRETURNS {columns}\nLANGUAGE JAVASCRIPT\nCOMMENT = ")


def test_its_body_is_one_object_literal_with_the_functions_that_snowflake_calls(function):
    assert function.body.startswith("{\ninitialize:function(") and function.body.endswith("}")
    assert "\nprocessRow:function(row)" in function.body and "\nfinalize:function(writer)" in function.body
    assert len(function.body) <= MAX_BODY_BYTES


def test_arguments_and_columns_are_read_and_written_in_upper_case(function):
    assert "row.ID_A,row.ID_B" in function.body
    assert "writeRow({IDENTIFIER:row.identifier,CANONICAL_ID:row.canonical_id})" in function.body


def test_a_call_parses():
    parse_with_sqlglot(CALL)
    assert parse_with_sqlfluff(CALL) == 1
