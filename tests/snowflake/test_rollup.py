"""The aggregate rollup_events, which is a JavaScript table function over PARTITION BY."""

import pytest
from snowflake import parse_with_sqlfluff, parse_with_sqlglot, table_functions
from test_traps import MAX_BODY_BYTES

CALL = """
    SELECT given.workspace_id, plg.score_events(made.events, NULL, 'model', '2026-07-01'::TIMESTAMP_NTZ) AS score
    FROM events AS given, TABLE(plg.rollup_events(
      given.user_id, given.event, DATE_PART(EPOCH_MICROSECOND, given.occurred_at)::FLOAT, given.event_count, given.model,
      DATE_PART(EPOCH_MICROSECOND, given.as_of)::FLOAT
    ) OVER (PARTITION BY given.workspace_id)) AS made;
"""


@pytest.fixture(scope="module")
def function(install):
    return next(function for function in table_functions(install) if function.name == "rollup_events")


def test_it_takes_texts_and_floats_only(function, aggregates):
    entry = aggregates["rollup_events"]
    assert [name for name, _ in function.arguments] == [argument["name"] for argument in entry["arguments"]]
    kinds = {"text": "VARCHAR", "double": "FLOAT", "timestamp": "FLOAT"}
    assert list(function.types) == [kinds[argument["type"]] for argument in entry["arguments"]]


def test_it_makes_one_column_and_keeps_grants(function):
    assert function.clauses.startswith("COPY GRANTS\nRETURNS TABLE (events ARRAY)\nLANGUAGE JAVASCRIPT\nCOMMENT = ")


def test_its_body_is_one_object_literal_with_the_functions_that_snowflake_calls(function):
    assert function.body.startswith("{\ninitialize:function(") and function.body.endswith("}")
    assert "\nprocessRow:function(row)" in function.body and "\nfinalize:function(writer)" in function.body
    assert len(function.body) <= MAX_BODY_BYTES


def test_arguments_and_column_are_read_and_written_in_upper_case(function):
    for name, _ in function.arguments:
        assert f"row.{name.upper()}" in function.body
    assert "writeRow({EVENTS:" in function.body


def test_a_call_parses():
    parse_with_sqlglot(CALL)
    assert parse_with_sqlfluff(CALL) == 1
