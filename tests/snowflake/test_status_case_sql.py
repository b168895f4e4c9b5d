"""The native CASE that the dbt macro prints for Snowflake: two parsers read it, and it has none of the known traps."""

import re
import secrets
import sys

import pytest
import sqlglot
from conftest import ROOT
from snowflake import literal, parse_with_sqlfluff, parse_with_sqlglot

sys.path.append(str(ROOT / "tests/duckdb"))
import status_cases  # noqa: E402
from native_case import print_cases  # noqa: E402

RULE_SETS = 100
# sqlfluff reads a few of these per second.
RULE_SETS_FOR_SQLFLUFF = 10

TEXTS = {
    "names": "when plan = 'a' and \"Hot lead\" then 'b' else null",
    "quotients": "when a / b > 1 and a / 2 > 1 and a % b = 0 and a % 0 > 1 then 'b' else 'c'",
    "tests": "when (a > 1) is true and (a > 2) is not false and b is not distinct from a then 'b' else 'c'",
    "functions": "when least(a, null) < greatest(b, 2) and coalesce(a, b) > nullif(a, b) then 'b' else 'c'",
    "times": "when d + interval 36 hours < as_of and days_between(d, as_of) < 1.5e-1 then 'b' else 'c'",
    "lists": "when list_contains(tags, 'a') then 'b' else 'c'",
    "patterns": "when s like 'a!%\\%' escape '!' or s like 'a!' escape '!' or s like t escape '\\' then 'b' else 'c'",
    "statuses": "when a > 1 then 'it''s a \\ and\na new line' else 'c'",
}


@pytest.fixture(scope="module")
def rules():
    seed = secrets.randbits(32)
    careful = [rules.rules for rules in status_cases.rule_sets(seed, 2 * RULE_SETS) if not rules.careless]
    return [*careful, *TEXTS.values()]


@pytest.fixture(scope="module")
def printed(rules):
    calls = [{"rules": text, "as_of": "now_at", "adapter_type": "snowflake"} for text in rules]
    return [result["sql"] for result in print_cases(calls)]


@pytest.fixture(scope="module")
def by_name(printed):
    return dict(zip(TEXTS, printed[-len(TEXTS) :], strict=True))


def test_sqlglot_reads_every_case(printed):
    for sql in printed:
        case = parse_with_sqlglot(f"SELECT {sql} AS status FROM facts").find(sqlglot.exp.Case)
        assert case is not None and case.args["default"] is not None


def test_sqlfluff_reads_every_case(printed):
    for sql in [*printed[:RULE_SETS_FOR_SQLFLUFF], *printed[-len(TEXTS) :]]:
        assert parse_with_sqlfluff(f"SELECT {sql} AS status FROM facts;\n") == 1, sql


def test_names_without_quotes_are_upper_case_and_others_exact(by_name):
    assert re.findall(r'"[^"]*"', by_name["names"]) == ['"PLAN"', '"Hot lead"']


def test_numbers_are_double_on_both_sides(printed):
    for sql in printed:
        texts = re.sub(r"'(?:[^'\\]|\\.)*'", "''", sql)
        rest = re.sub(r"cast\(-?[0-9.]+(e-?[0-9]+)? as double\)", "", texts)
        rest = re.sub(r"dateadd\((hour|minute), -?[0-9]+, |/ 86400000000\)", "", rest)
        # What is left are the zeros that quotients are guarded against.
        rest = re.sub(r" = 0, |, 0\)\)", "", rest)
        assert not re.search(r"(?<![\w\"])[0-9]", rest), rest


def test_no_division_can_fail(by_name):
    sql = by_name["quotients"]
    assert sql.count("nullif(") == 3 and "(cast(\"A\" as double) / cast(2 as double))" in sql
    assert "iff(cast(\"B\" as double) = 0, cast(\"A\" as double) * cast('inf' as double)" in sql


def test_what_snowflake_calls_otherwise(by_name):
    assert "coalesce((cast(\"A\" as double) > cast(1 as double)), false)" in by_name["tests"]
    assert "(not coalesce(not (cast(\"A\" as double) > cast(2 as double)), false))" in by_name["tests"]
    assert "least_ignore_nulls(" in by_name["functions"] and "greatest_ignore_nulls(" in by_name["functions"]
    assert 'dateadd(hour, 36, "D") < (now_at)' in by_name["times"]
    assert 'datediff(microsecond, "D", (now_at))' in by_name["times"]
    assert "array_contains(to_variant('a'), \"TAGS\")" in by_name["lists"]


def test_backslashes_in_literals_are_doubled(by_name):
    texts = [literal(text) for text in re.findall(r"'(?:[^'\\]|\\.)*'", by_name["statuses"])]
    assert "it's a \\ and\na new line" in texts
    patterns = [literal(text) for text in re.findall(r"'(?:[^'\\]|\\.)*'", by_name["patterns"])]
    assert patterns[:2] == ["a!%\\%", "!"] and "\\" in patterns
    assert "(case when \"S\" is not null then false end)" in by_name["patterns"]
