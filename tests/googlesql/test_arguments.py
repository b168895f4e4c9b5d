"""What the wrappers make of arguments, run by GoogleSQL's evaluator: the private function is replaced by one that
writes down what it gets."""

import json

import pytest
from conftest import DATASET
from googlesql import Installation, ZetaSQLError

# 2026-01-15T00:00:00Z
DAY = 1_768_435_200_000_000


@pytest.fixture(scope="module")
def written(installed, private, public):
    """Calls a public function and returns what its private function gets, as JSON."""
    stand_ins = Installation()
    for name, created in private.items():
        arguments = created.argument_name_list
        fields = ", ".join(f"{argument} AS {argument}" for argument in arguments)
        stand_ins.add_expression(name, arguments, f"TO_JSON_STRING(STRUCT({fields}))")
    for name, created in public.items():
        # Without the declared result, which is not text.
        stand_ins.add_expression(name, created.argument_name_list, created.code.replace("AS INT64)", "AS STRING)"))

    def call(function, *arguments, time_zone="UTC"):
        query = f"SELECT `{DATASET}.{function}`({', '.join(arguments)})"
        [[text]] = stand_ins.evaluate(query, time_zone)
        return json.loads(text)

    return call


def events(written, *structs, time_zone="UTC"):
    arguments = [f"[{', '.join(structs)}]", "NULL", "''", "DATE '2026-01-15'"]
    return written("score_events", *arguments, time_zone=time_zone)["events"]


@pytest.mark.parametrize("time_zone", ["UTC", "America/Los_Angeles"])
@pytest.mark.parametrize(
    ("literal", "microseconds"),
    [
        ("TIMESTAMP '2026-01-15 00:00:00.123456+00'", DAY + 123456),
        ("TIMESTAMP '2026-01-15 01:00:00+01'", DAY),
        ("DATETIME '2026-01-15 00:00:00.123456'", DAY + 123456),
        ("DATE '2026-01-15'", DAY),
        ("'2026-01-15T00:00:00Z'", DAY),
        ("'2026-01-15 00:00:00'", DAY),
        ("CAST(NULL AS TIMESTAMP)", None),
        ("CAST(NULL AS DATE)", None),
        ("TIMESTAMP '1901-01-01 00:00:00+00'", -2_177_452_800_000_000),
    ],
)
def test_every_time_becomes_microseconds_and_without_a_zone_is_utc(written, literal, microseconds, time_zone):
    [event] = events(written, f"STRUCT('a' AS event, {literal} AS occurred_at)", time_zone=time_zone)
    assert event["occurred_at"] == microseconds
    as_of = written("status_case", "STRUCT(1 AS a)", "''", literal, time_zone=time_zone)["as_of"]
    assert as_of == microseconds


def test_elements_keep_their_order(written):
    structs = [f"STRUCT('{index}' AS event, DATE '2026-01-15' AS occurred_at)" for index in range(100)]
    assert [event["event"] for event in events(written, *structs)] == [str(index) for index in range(100)]


@pytest.mark.parametrize("count", ["2", "2.0", "NUMERIC '2'", "BIGNUMERIC '2'"])
def test_counts_of_every_type_become_doubles(written, count):
    assert events(written, f"STRUCT('a' AS event, DATE '2026-01-15' AS occurred_at, {count} AS count)")[0]["count"] == 2


def test_an_absent_count_is_null_and_a_field_named_like_an_alias_disturbs_nothing(written):
    struct = "STRUCT('a' AS event, DATE '2026-01-15' AS occurred_at, 7 AS absent, 8 AS position, 9 AS element)"
    assert events(written, struct) == [{"event": "a", "occurred_at": DAY, "count": None, "max_per_hour": None}]


def test_fields_are_found_by_name_in_any_order_and_case(written):
    struct = "STRUCT(3 AS Count, DATE '2026-01-15' AS OCCURRED_AT, 'a' AS Event)"
    assert events(written, struct) == [{"event": "a", "occurred_at": DAY, "count": 3, "max_per_hour": None}]


def test_a_null_element_has_null_in_every_field(written):
    result = events(written, "STRUCT('a' AS event, DATE '2026-01-15' AS occurred_at, 1 AS count)", "NULL")
    assert result[1] == {"event": None, "occurred_at": None, "count": None, "max_per_hour": None}


def test_a_null_list_stays_null_and_an_empty_one_empty(written):
    kind = "ARRAY<STRUCT<id_a STRING, id_b STRING>>"
    assert written("identity_merge", f"CAST(NULL AS {kind})") == {"links": None}
    assert written("identity_merge", f"CAST([] AS {kind})") == {"links": []}
    assert written("cohort", "''", "''", "CAST(NULL AS ARRAY<INT64>)", "''")["weights"] is None


def test_weights_become_doubles_in_their_order(written):
    assert written("cohort", "'u'", "'s'", "[NUMERIC '0.25', 0.5, 0.125]", "'m'")["weights"] == [0.25, 0.5, 0.125]


def test_facts_become_json_with_numbers_as_numbers(written):
    facts = "STRUCT(NUMERIC '0.1' AS mrr, 3 AS seats, TRUE AS paid, 'x' AS plan, CAST(NULL AS INT64) AS nothing)"
    text = written("status_case", facts, "''", "DATE '2026-01-15'")["facts"]
    assert json.loads(text) == {"mrr": 0.1, "seats": 3, "paid": True, "plan": "x", "nothing": None}


def test_facts_that_are_json_pass_unchanged_and_times_are_iso_text(written):
    text = written("status_case", """JSON '{"a": 1.5}'""", "''", "DATE '2026-01-15'")["facts"]
    assert json.loads(text) == {"a": 1.5}
    facts = "STRUCT(TIMESTAMP '2026-01-15 00:00:00.5+00' AS t, DATE '2026-01-15' AS d)"
    text = written("status_case", facts, "''", "DATE '2026-01-15'", time_zone="America/Los_Angeles")["facts"]
    assert json.loads(text) == {"t": "2026-01-15T00:00:00.500Z", "d": "2026-01-15"}


@pytest.mark.parametrize("facts", ["CAST(NULL AS STRUCT<a INT64>)", "CAST(NULL AS JSON)", "JSON 'null'"])
def test_facts_that_are_null_are_null(written, facts):
    assert written("status_case", facts, "''", "DATE '2026-01-15'")["facts"] is None


def test_text_that_is_no_time_fails(written):
    with pytest.raises(ZetaSQLError, match="Invalid datetime string"):
        events(written, "STRUCT('a' AS event, 'yesterday' AS occurred_at)")
