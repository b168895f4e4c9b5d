"""status_case means what DuckDB's own CASE means, on every random rule set and row."""

import secrets
from datetime import datetime

import duckdb
import pytest
import status_cases
from conftest import open_database

RULE_SETS = 1_500
ROWS = 100


def literal(value, kind):
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(' ')}'"
    if isinstance(value, str):
        return status_cases.literal(value)
    return f"CAST('{value!r}' AS {kind})"


def load_rows(connection, rows):
    """The table `facts` with a column per fact, `row_facts` with all of them as a STRUCT, and as_of."""
    columns = ", ".join(status_cases.quoted(name) for name in status_cases.FIELDS)
    values = ", ".join(
        "(" + ", ".join(literal(row[name], kind) for name, kind in status_cases.FIELDS.items()) + ")" for row in rows
    )
    struct = ", ".join(f"{status_cases.literal(name)}: {status_cases.quoted(name)}" for name in status_cases.FIELDS)
    connection.execute(f"""
        CREATE TABLE facts AS
        SELECT *, {{{struct}}} AS row_facts, TIMESTAMP '{status_cases.AS_OF}' AS as_of
        FROM (VALUES {values}) AS v({columns})
    """)


def answers(connection, expression):
    return [answer for (answer,) in connection.execute(f"SELECT {expression} FROM facts ORDER BY rowid").fetchall()]


def test_every_status_is_that_of_the_native_case():
    seed = secrets.randbits(32)
    rows = status_cases.rows(seed, ROWS)
    compared = 0
    careless_texts_compared = 0
    with open_database() as connection:
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
                assert our == their, f"{where}\n{row}"
            compared += len(rows)
            careless_texts_compared += rule_set.careless
    assert compared >= 100_000
    assert careless_texts_compared >= RULE_SETS // 5
