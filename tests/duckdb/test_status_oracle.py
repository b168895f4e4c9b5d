"""status_case means what DuckDB's own CASE means, on every random rule set and row."""

import secrets

import duckdb
import pytest
import status_cases
from conftest import open_database
from status_cases import answers, load_rows

RULE_SETS = 1_500
ROWS = 100


def refused(answer):
    """What `answer` returns, or None if either side refuses the rules."""
    try:
        return answer()
    except duckdb.Error:
        return None


def smallest_difference(connection, rules, row):
    """A failing pair, shrunk, with both answers."""

    def pair(rules, row):
        load_rows(connection, [row])
        ours = answers(connection, f"plg_status_case(row_facts, {status_cases.literal(rules)}, as_of)")
        return ours, answers(connection, f"case {rules} end")

    def differs(rules, row):
        both = refused(lambda: pair(rules, row))
        return both is not None and both[0] != both[1]

    rules, row = status_cases.shrunk(rules, row, differs)
    ours, theirs = pair(rules, row)
    return f"ours {ours}, DuckDB {theirs}\n{rules}\n{row}"


def test_every_status_is_that_of_the_native_case():
    seed = secrets.randbits(32)
    rows = status_cases.rows(seed, ROWS)
    compared = 0
    careless_texts_compared = 0
    with open_database() as connection:
        connection.execute(status_cases.MACROS)
        load_rows(connection, rows)
        for rule_set in status_cases.rule_sets(seed, RULE_SETS):
            where = f"seed {seed}: {rule_set.rules}"
            try:
                call = f"plg_status_case(row_facts, {status_cases.literal(rule_set.rules)}, as_of)"
                ours = answers(connection, call)
            except duckdb.InvalidInputException as refusal:
                if rule_set.careless:
                    continue
                pytest.fail(f"{refusal}\n{where}")
            theirs = answers(connection, rule_set.native())
            for row, our, their in zip(rows, ours, theirs, strict=True):
                if our != their:
                    pytest.fail(f"{where}\nshrunk: {smallest_difference(connection, rule_set.rules, row)}")
            compared += len(rows)
            careless_texts_compared += rule_set.careless
    assert compared >= 100_000
    assert careless_texts_compared >= RULE_SETS // 5


def test_explained_statuses_are_those_of_status_case():
    seed = secrets.randbits(32)
    compared = 0
    with open_database() as connection:
        load_rows(connection, status_cases.rows(seed, ROWS))
        for rule_set in status_cases.rule_sets(seed, RULE_SETS // 10):
            if rule_set.careless:
                continue
            rules = status_cases.literal(rule_set.rules)
            ours = answers(connection, f"plg_status_case(row_facts, {rules}, as_of)")
            explained = answers(connection, f"plg_status_explain(row_facts, {rules}, as_of)")
            assert [answer["status"] for answer in explained] == ours, f"seed {seed}: {rule_set.rules}"
            for answer in explained:
                before = answer["earlier"]
                assert [rule["rule_index"] for rule in before] == list(range(1, len(before) + 1))
                assert {rule["truth"] for rule in before} <= {"FALSE", "NULL"}
                assert answer["rule_index"] in (None, len(before) + 1)
            compared += len(ours)
    assert compared >= 5_000


def test_lower_case_and_like_know_every_code_point_as_duckdb_does():
    rules = "when lower(s) = l and s like '_' and not s like '__' and lower(l) = l then 'same' else 'other'"
    with open_database() as connection:
        connection.execute("""
            CREATE TABLE points AS
            SELECT chr(i::INT) AS s, TIMESTAMP '2026-01-31' AS as_of
            FROM range(1, 1114112) r(i)
            WHERE i < 55296 OR i > 57343
        """)
        others = connection.execute(f"""
            SELECT count(*) FROM points
            WHERE plg_status_case({{'s': s, 'l': lower(s)}}, {status_cases.literal(rules)}, as_of) <> 'same'
        """)
        assert others.fetchall() == [(0,)]
