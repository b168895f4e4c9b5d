"""The native CASE that the dbt macro prints gives the statuses of status_case, and refuses what status_case refuses."""

import re
import secrets

import duckdb
import pytest
import status_cases
from conftest import open_database
from native_case import print_cases
from status_cases import answers, load_rows

RULE_SETS = 1_000
ROWS = 60


@pytest.fixture(scope="module")
def seed():
    return secrets.randbits(32)


@pytest.fixture(scope="module")
def facts(seed):
    with open_database() as connection:
        load_rows(connection, status_cases.rows(seed, ROWS))
        yield connection


def ours(connection, rules):
    """The statuses of status_case, or the message with which it refuses the rules."""
    try:
        return answers(connection, f"plg_status_case(row_facts, {status_cases.literal(rules)}, as_of)")
    except duckdb.InvalidInputException as error:
        return str(error).removeprefix("Invalid Input Error: plg.status_case: ").split("\n")[0]


def compared(connection, seed, texts):
    """Holds the macro against status_case on every text; returns how many both took, how many both refused, and how many
    ask for another type than the rows have, which a macro cannot see.
    """
    accepted = refused = unfit = 0
    for rules, printed in zip(texts, print_cases([{"rules": rules, "as_of": "as_of"} for rules in texts]), strict=True):
        where = f"seed {seed}: {rules}\n{printed}"
        expected = ours(connection, rules)
        if isinstance(expected, list):
            assert "sql" in printed, where
            assert answers(connection, printed["sql"]) == expected, where
            accepted += 1
        elif expected.startswith("rules: "):
            assert printed.get("error") == f"plg.status_case_sql: {expected}", f"{expected}\n{where}"
            refused += 1
        else:
            assert expected.startswith("facts.") and "sql" in printed, f"{expected}\n{where}"
            unfit += 1
    assert accepted + refused + unfit == len(texts)
    return accepted, refused, unfit


def test_statuses_are_those_of_status_case(facts, seed):
    texts = [rules.rules for rules in status_cases.rule_sets(seed, RULE_SETS)]
    accepted, _, unfit = compared(facts, seed, texts)
    # Half of the texts are careless and may be refused, which few are; hardly any gets as far as the rows.
    assert accepted >= RULE_SETS * 0.6 and unfit <= RULE_SETS // 100


def test_malformed_rules_are_refused_with_the_words_of_status_case(facts, seed):
    texts = [rules.rules for rules in status_cases.rule_sets(seed + 1, RULE_SETS)]
    accepted, refused, _ = compared(facts, seed, list(status_cases.mutated(seed, texts)))
    assert refused >= RULE_SETS // 2 and accepted >= RULE_SETS // 20


# Places and limits that random texts seldom reach.
TEXTS = [
    "",
    "   ",
    "when",
    "else 'a'",
    "case when p then 'a' else 'b' end",
    "case when p then 'a' else 'b'",
    "when p then 'a' else 'b' end",
    "when p then 'a' else b",
    "when p then 'a'",
    "ON_MISSING NULL case when p then 'a' else null end",
    "on_missing when p then 'a' else null",
    "when n then 'a' else 'b'",
    "when n = 'a' then 'a' else 'b'",
    "when d = '2026-01-31' then 'a' else 'b'",
    "when s = 1 then 'a' else 'b'",
    "when s = 'a' and s = n and n = 1 then 'a' else 'b'",
    "when list_contains(s, 'a') and s = 'a' then 'a' else 'b'",
    "when list_contains(lower(s), 'a') then 'a' else 'b'",
    "when list_contains(tags, p and q) then 'a' else 'b'",
    "when list_contains(tags, 'a') and list_contains(tags, 1) then 'a' else 'b'",
    "when abs(n, m) = 1 then 'a' else 'b'",
    "when nullif(n) = 1 then 'a' else 'b'",
    "when coalesce() = 1 then 'a' else 'b'",
    "when upper(s) = 'A' then 'a' else 'b'",
    "when n < m < 3 then 'a' else 'b'",
    "when n between 1 and 2 between 3 and 4 then 'a' else 'b'",
    "when n is null in (true) then 'a' else 'b'",
    "when s like 'a' escape '!!' then 'a' else 'b'",
    "when s like '!' escape '!' then 'a' else 'b'",
    "when s like 'a!!!' escape '!' or t like '!' escape '!' is null then 'a' else 'b'",
    "when s like '!%!_!!%' escape '!' or t like '''%' escape '''' then 'a' else 'b'",
    "when s like '\\%' or t like '\\_%' escape '\\' then 'a' else 'b'",
    "when n = 1e23 then 'a' else 'b'",
    "when n = 1e-99999999999999999999 or m = 0e99999 then 'a' else 'b'",
    "when n = 0.1000000000000000000000000000 or m = 12345678901234567890 then 'a' else 'b'",
    "when n = .5e+1 or m = 007.50E-002 or n = 100000000000000000000 then 'a' else 'b'",
    "when n = - - -1 or - (m) = -(-(2.5)) then 'a' else 'b'",
    "when n = --1\n 1 then 'a' else 'b'",
    "when d = timestamp '2026-02-29' then 'a' else 'b'",
    "when d = timestamp '2024-02-29 24:00' then 'a' else 'b'",
    "when d = timestamp '2026-01-31 12:00:00+01' then 'a' else 'b'",
    "when d = timestamp '2026-01-31 12:00:00.1234567 UTC' or e = timestamp '0000-01-01' then 'a' else 'b'",
    "when d = timestamp '2026-01-31T11:59:59.9999999Z' then 'a' else 'b'",
    "when d = date '2026-01-31 00:00' then 'a' else 'b'",
    "when d + interval 1000001 days = e then 'a' else 'b'",
    "when d + interval '1 month' = e then 'a' else 'b'",
    "when d + interval '- 3 days' = e then 'a' else 'b'",
    "when d - interval '-36' hours >= e + interval 1 day - interval '1hour' then 'a' else 'b'",
    "when d + 3 = e then 'a' else 'b'",
    "when \"p\" and not \"q\" then 'a' else 'b'",
    "when \"Größe \"\"x\"\"\" = 'a' then 'a' else 'b'",
    "when Größe = 'a' then 'a' else 'b'",
    "when s = 'a then 'b' else 'c'",
    "when p /* /* */ then 'a' else 'b'",
    "when p then 'a' /* ' */ else /**/ 'b' --",
    "when p then 'a' else 'b';",
    "when cast(n) = 1 then 'a' else 'b'",
    "when p is unknown then 'a' else 'b'",
    "when p then\n\n'a' els 'b'",
    "when least(null, null) is null and coalesce(null) is null and nullif(null, null) is null then 'a' else 'b'",
    "when case null when null then null end is null then 'a' else 'b'",
    "when case when p then null else null end is null then null else null",
    "when n = coalesce(m, null) + case when p then null end then 'a' else 'b'",
    "when s like null or null like s or lower(null) = s or list_contains(tags, null) then 'a' else 'b'",
    "when null + interval 1 day = d or days_between(null, d) > 1 then 'a' else 'b'",
    "when 5 % 0 = 0 / 0 and 1 / 0 > 1e22 and -1 / 0 < -1e22 and 7 % 2 = 1 then 'a' else 'b'",
    "when " + "(" * 62 + "p" + ")" * 62 + " then 'a' else 'b'",
    "when " + "(" * 63 + "p" + ")" * 63 + " then 'a' else 'b'",
    "when " + "not " * 62 + "p then 'a' else 'b'",
    "when " + "abs(" * 61 + "n" + ")" * 61 + " = 1 then 'a' else 'b'",
    "when " + "n + (" * 61 + "n" + ")" * 61 + " = 1 then 'a' else 'b'",
    "when " + "n = 1 and " * 800 + "p then 'a' else 'b'",
    "when n = " + "1e0 + " * 800 + "1 then 'a' else 'b'",
]


def test_places_and_limits_are_those_of_status_case(facts, seed):
    accepted, refused, _ = compared(facts, seed, TEXTS)
    # Six ask for other types than the facts have, which only status_case can see.
    assert accepted + refused == len(TEXTS) - 6 and min(accepted, refused) > 20


MISSING = "when plan = 'free' or seats > 3 then 'a' else 'b'"
CALLS = {
    "missing": {"rules": MISSING, "columns": ["PLAN"]},
    "missing is null": {"rules": f"on_missing null {MISSING}", "columns": ["PLAN"]},
    "alias": {"rules": "when n >= 2 then 'a' else 'b'", "facts_alias": "other"},
    # As DECIMALs 0.1 + 0.2 is 0.3, and as integers 7 / 2 * 2 is not 7 everywhere.
    "types": {"rules": "when x + y = z then 'decimal' when i / j * j = i then 'double' else 'integer'"},
    "warehouse": {"rules": "when p then 'a' else 'b'", "adapter_type": "postgres"},
    "parentheses": {"rules": "when a + b * 2 - 1 > -c and not d or e then 'x' else 'y'"},
}


@pytest.fixture(scope="module")
def printed():
    results = print_cases(list(CALLS.values()))
    return {name: result.get("sql") or result["error"] for name, result in zip(CALLS, results, strict=True)}


def test_a_fact_that_is_no_column_is_null_or_missing(printed):
    assert printed["missing"] == "plg.status_case_sql: rules: line 1, column 23: facts.seats: is missing"
    sql = printed["missing is null"]
    assert '"plan"' in sql and "cast(null as double)" in sql and "seats" not in sql


def test_facts_may_be_another_tables(printed, value):
    query = f"select {printed['alias']} from (select 1 as n) as one, (select 2 as n) as other"
    assert value(query) == "a"


def test_every_numeric_type_is_compared_as_double(printed, value):
    columns = "0.1::decimal(2, 1) as x, 0.2::decimal(2, 1) as y, 0.3::decimal(2, 1) as z, 7 as i, 2 as j"
    assert value(f"select {printed['types']} from (select {columns})") == "double"


def test_only_three_warehouses_are_known(printed):
    assert "written for DuckDB, Snowflake and BigQuery, not for postgres" in printed["warehouse"]


def test_every_operation_is_in_parentheses(printed):
    bare = re.sub(r"cast\((\"\w\") as double\)", r"\1", printed["parentheses"])
    assert '((((("a" + ("b" * 2e0)) - 1e0) > ("c" * (-1e0))) and (not "d")) or "e")' in bare
