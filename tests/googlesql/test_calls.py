"""What callers may pass: ordinary data analyses, what does not fit is refused."""

import pytest
from conftest import DATASET
from googlesql import ZetaSQLError

EVENT = "'login' AS event"
AT = "TIMESTAMP '2026-01-15 00:00:00+00' AS occurred_at"

EVENTS_THAT_FIT = {
    "counts as FLOAT64": f"[STRUCT({EVENT}, {AT}, 2.5 AS count)]",
    "counts as INT64": f"[STRUCT({EVENT}, {AT}, 2 AS count)]",
    "counts as NUMERIC": f"[STRUCT({EVENT}, {AT}, NUMERIC '2' AS count)]",
    "counts as BIGNUMERIC": f"[STRUCT({EVENT}, {AT}, BIGNUMERIC '2' AS count)]",
    "no counts": f"[STRUCT({EVENT}, {AT})]",
    "another order": f"[STRUCT(2 AS count, {AT}, {EVENT})]",
    "extra fields": f"[STRUCT({EVENT}, 'x' AS absent, 7 AS position, {AT}, [1] AS element)]",
    "DATE": f"[STRUCT({EVENT}, DATE '2026-01-15' AS occurred_at)]",
    "DATETIME": f"[STRUCT({EVENT}, DATETIME '2026-01-15 00:00:00' AS occurred_at)]",
    "ISO text": f"[STRUCT({EVENT}, '2026-01-15T00:00:00Z' AS occurred_at)]",
    "upper-case names": f"[STRUCT('login' AS EVENT, DATE '2026-01-15' AS OCCURRED_AT, 1 AS COUNT)]",
    "no events": "ARRAY<STRUCT<event STRING, occurred_at TIMESTAMP>>[]",
    "NULL": "CAST(NULL AS ARRAY<STRUCT<event STRING, occurred_at TIMESTAMP>>)",
    "an aggregate": f"""(SELECT ARRAY_AGG(STRUCT({EVENT}, {AT}, n AS count))
        FROM (SELECT COUNT(*) AS n FROM UNNEST([1])))""",
}

EVENTS_THAT_DO_NOT_FIT = {
    "no event names": f"[STRUCT({AT})]",
    "no timestamps": f"[STRUCT({EVENT})]",
    "BOOL timestamps": f"[STRUCT({EVENT}, TRUE AS occurred_at)]",
    "BYTES counts": f"[STRUCT({EVENT}, {AT}, b'1' AS count)]",
    "no structs": "['login']",
    "no array": f"STRUCT({EVENT}, {AT})",
}


def score(events="ARRAY<STRUCT<event STRING, occurred_at TIMESTAMP>>[]", as_of="CURRENT_TIMESTAMP()"):
    return f"SELECT `{DATASET}.score_events`({events}, 'admin', '{{}}', {as_of}).total"


@pytest.mark.parametrize("shape", EVENTS_THAT_FIT)
def test_events_that_fit(installed, shape):
    installed.analyse(score(EVENTS_THAT_FIT[shape]))


@pytest.mark.parametrize("shape", EVENTS_THAT_DO_NOT_FIT)
def test_events_that_do_not_fit_are_refused(installed, shape):
    with pytest.raises(ZetaSQLError):
        installed.analyse(score(EVENTS_THAT_DO_NOT_FIT[shape]))


@pytest.mark.parametrize(
    "as_of",
    ["DATE '2026-01-15'", "DATETIME '2026-01-15 00:00:00'", "TIMESTAMP '2026-01-15 00:00:00+00'", "CURRENT_DATE()"],
)
def test_any_kind_of_time_is_a_point_of_view(installed, as_of):
    installed.analyse(score(as_of=as_of))
    installed.analyse(f"SELECT `{DATASET}.status_case`(STRUCT(1 AS a), 'when a = 1 then 1 else 2', {as_of})")


def test_a_number_is_no_point_of_view(installed):
    with pytest.raises(ZetaSQLError):
        installed.analyse(score(as_of="1768435200"))


@pytest.mark.parametrize("number", ["8", "8.5", "NUMERIC '8.5'", "CAST(8 AS FLOAT64)", "NULL"])
def test_every_number_decays(installed, number):
    installed.analyse(f"SELECT `{DATASET}.decay_exp`({number}, {number}, {number})")


def test_text_does_not_decay(installed):
    with pytest.raises(ZetaSQLError, match="No matching signature"):
        installed.analyse(f"SELECT `{DATASET}.decay_exp`('8', 1, 1)")


@pytest.mark.parametrize("weights", ["[0.5, 0.5]", "[1, 0]", "[NUMERIC '0.5']", "[]", "CAST(NULL AS ARRAY<INT64>)"])
def test_weights_of_every_number_type(installed, weights):
    installed.analyse(f"SELECT `{DATASET}.cohort`('u', 's', {weights}, 'growthbook') + 1")


def test_weights_are_no_text(installed):
    with pytest.raises(ZetaSQLError):
        installed.analyse(f"SELECT `{DATASET}.cohort`('u', 's', 'all', 'growthbook')")


@pytest.mark.parametrize("facts", ["STRUCT(1 AS a, DATE '2026-01-15' AS b)", "JSON '{}'", "CAST(NULL AS JSON)"])
def test_facts_are_a_struct_or_json(installed, facts):
    installed.analyse(f"SELECT `{DATASET}.status_case`({facts}, 'when a = 1 then 1 else 2', CURRENT_TIMESTAMP())")


@pytest.mark.parametrize("fields", ["'a' AS id_a, 'b' AS id_b", "'b' AS id_b, 1 AS weight, 'a' AS id_a"])
def test_links_in_any_order_of_fields(installed, fields):
    links = f"[STRUCT({fields})]"
    installed.analyse(f"SELECT link.canonical_id FROM UNNEST(`{DATASET}.identity_merge`({links})) AS link")


def test_links_without_one_side_are_refused(installed):
    with pytest.raises(ZetaSQLError):
        installed.analyse(f"SELECT `{DATASET}.identity_merge`([STRUCT('a' AS id_a)])")


def test_fields_of_results_can_be_read(installed):
    installed.analyse(
        f"""SELECT result.total, result.stage, reason.sentence, result.ignored.after_as_of
        FROM (SELECT `{DATASET}.score_events`([STRUCT({EVENT}, {AT})], NULL, '', CURRENT_DATE()) AS result),
          UNNEST(result.top_reasons) AS reason"""
    )
