"""Ordinary data fits: every numeric and temporal type, fields in any order, absent and extra ones. What does not fit is named."""

import pytest

MODEL = '{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 1000}], "events": [{"event": "e", "bucket": "b", ' \
        '"scope": "user", "points": 2, "decay": {"kind": "linear", "days": 10}}]}'
AS_OF = "TIMESTAMP '2026-01-11'"


def points(value, element, as_of=AS_OF):
    """What one event contributes."""
    return value(f"SELECT plg_score_events([{element}], NULL, '{MODEL}', {as_of}).contributions[1].points")


@pytest.mark.parametrize("kind", ["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER",
                                  "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL(4, 1)", "DECIMAL(9, 2)",
                                  "DECIMAL(18, 3)", "DECIMAL(38, 4)"])
def test_counts_may_be_any_number(value, kind):
    element = f"{{'event': 'e', 'occurred_at': {AS_OF}, 'count': CAST(3 AS {kind})}}"
    assert points(value, element) == 6.0


@pytest.mark.parametrize("moment", ["DATE '2026-01-06'", "TIMESTAMP '2026-01-06'", "TIMESTAMP_S '2026-01-06 00:00:00'",
                                    "TIMESTAMP_MS '2026-01-06 00:00:00'", "TIMESTAMP_NS '2026-01-06 00:00:00'",
                                    "TIMESTAMPTZ '2026-01-06 02:00:00+02:00'", "TIMESTAMPTZ '2026-01-06 00:00:00+00:00'"])
def test_times_may_be_any_date_or_timestamp(value, moment):
    assert points(value, f"{{'event': 'e', 'occurred_at': {moment}}}") == 1.0


@pytest.mark.parametrize("as_of", ["DATE '2026-01-11'", "TIMESTAMP_S '2026-01-11 00:00:00'", "TIMESTAMP_NS '2026-01-11 00:00:00'",
                                   "TIMESTAMPTZ '2026-01-11 01:00:00+01:00'"])
def test_the_point_of_view_may_be_any_date_or_timestamp(value, as_of):
    assert points(value, "{'event': 'e', 'occurred_at': TIMESTAMP '2026-01-06'}", as_of) == 1.0


def test_names_of_events_may_be_an_enum(connection, value):
    connection.execute("CREATE TYPE name AS ENUM ('d', 'e')")
    assert points(value, f"{{'event': CAST('e' AS name), 'occurred_at': {AS_OF}}}") == 2.0


@pytest.mark.parametrize("element", [
    f"{{'count': 2, 'occurred_at': {AS_OF}, 'event': 'e'}}",
    f"{{'source': 'web', 'event': 'e', 'properties': {{'a': [1]}}, 'occurred_at': {AS_OF}, 'count': 2}}",
    f"{{'EVENT': 'e', 'Occurred_At': {AS_OF}, 'COUNT': 2}}",
])
def test_fields_may_stand_in_any_order_among_others_and_in_any_case(value, element):
    assert points(value, element) == 4.0


def test_an_absent_count_is_one(value):
    assert points(value, f"{{'event': 'e', 'occurred_at': {AS_OF}}}") == 2.0
    assert points(value, f"{{'event': 'e', 'occurred_at': {AS_OF}, 'count': NULL}}") == 2.0


@pytest.mark.parametrize("element, error", [
    (f"{{'occurred_at': {AS_OF}}}", "plg.score_events: events: has no field event"),
    ("{'event': 'e'}", "plg.score_events: events: has no field occurred_at"),
    (f"{{'event': 1, 'occurred_at': {AS_OF}}}", "plg.score_events: events[0].event: must be a text"),
    (f"{{'event': 'e', 'occurred_at': {AS_OF}, 'count': 'two'}}", "plg.score_events: events[0].count: must be a number"),
    (f"{{'event': 'e', 'occurred_at': {AS_OF}, 'count': 9007199254740993}}",
     "plg.score_events: events[0].count: is an integer beyond 2^53"),
])
def test_what_does_not_fit_is_named(message, element, error):
    assert message(f"SELECT plg_score_events([{element}], NULL, '{MODEL}', {AS_OF})") == error


@pytest.mark.parametrize("facts", ["{'seats': 5}", "{'other': 1, 'seats': CAST(5 AS DECIMAL(5, 1))}", "{'SEATS': 5::HUGEINT}",
                                   "'{\"seats\": 5}'", "'{\"seats\": 5}'::JSON", "'{\"SEATS\": 5.0, \"x\": [1]}'::JSON"])
def test_facts_may_be_a_struct_or_json(value, facts):
    assert value(f"SELECT plg_status_case({facts}, 'when seats = 5 then ''five'' else ''other''', {AS_OF})") == "five"


@pytest.mark.parametrize("facts, error", [
    ("{'plan': 'pro'}", "plg.status_case: facts.seats: is missing"),
    ("{'seats': 'five'}", "plg.status_case: facts.seats: must be a number"),
    ("{'seats': 9007199254740993}", "plg.status_case: facts.seats: is an integer beyond 2^53"),
    ("'{\"seats\": '::VARCHAR", "plg.status_case: facts: is not valid JSON"),
    ("'[1]'", "plg.status_case: facts: must be an object"),
])
def test_facts_that_do_not_fit_are_named(message, facts, error):
    assert message(f"SELECT plg_status_case({facts}, 'when seats = 5 then ''five'' else ''other''', {AS_OF})") == error


def test_an_untyped_null_is_no_list(value):
    model = MODEL.replace('"name": "m"', '"name": "m", "roles": {"workspace_admin": 1}')
    event = f"{{'user_id': 'ada', 'event': 'e', 'occurred_at': {AS_OF}}}"
    call = f"plg_score_workspace([{{'user_id': 'ada', 'role': 'workspace_admin', 'persona': NULL}}], [{event}], NULL, NULL, NULL, '{model}', {AS_OF})"
    typed = call.replace("NULL, NULL, NULL", "NULL, CAST(NULL AS STRUCT(bucket VARCHAR, code VARCHAR, points DOUBLE)[]), NULL")
    assert value(f"SELECT {call}") == value(f"SELECT {typed}")
    assert value(f"SELECT {call}.total") > 0
