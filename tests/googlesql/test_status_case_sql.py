"""The native CASE that the dbt macro prints for BigQuery: GoogleSQL reads it, and finds the statuses of status_case."""

import secrets
import sys
from datetime import datetime
from math import inf, isnan, nan

import duckdb
import pytest
import zetasql.types as z
from conftest import ROOT
from googlesql import Installation, ZetaSQLError
from zetasql.api import TableBuilder

sys.path.append(str(ROOT / "tests/duckdb"))
import status_cases  # noqa: E402
from native_case import print_cases  # noqa: E402

RULE_SETS = 60
ROWS = 25
AS_OF = "TIMESTAMP '2026-01-31 12:00:00+00'"
TYPES = {
    "DOUBLE": "FLOAT64",
    "VARCHAR": "STRING",
    "BOOLEAN": "BOOL",
    "TIMESTAMP": "TIMESTAMP",
    "VARCHAR[]": "ARRAY<STRING>",
    "DOUBLE[]": "ARRAY<FLOAT64>",
}


def literal(value, kind):
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, list):
        element = kind.removeprefix("ARRAY<").removesuffix(">")
        return f"ARRAY<{element}>[{', '.join(literal(item, element) for item in value)}]"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(' ')}+00'"
    if isinstance(value, str):
        return '"""' + value.replace("\\", "\\\\").replace('"', '\\"') + '"""'
    return f"CAST('{value!r}' AS {kind})"


def statuses(sql, rows):
    """The value of an expression on each row, as GoogleSQL evaluates it."""
    structs = ", ".join(
        "STRUCT("
        + f"{place} AS place, "
        + ", ".join(f"{literal(row[name], TYPES[kind])} AS `{name}`" for name, kind in status_cases.FIELDS.items())
        + ")"
        for place, row in enumerate(rows)
    )
    query = f"SELECT place, COALESCE({sql}, 'NULL') FROM UNNEST([{structs}]) ORDER BY place"
    return [None if status == "NULL" else status for _, status in Installation().evaluate(query)]


def printed(rules):
    results = print_cases([{"rules": text, "as_of": AS_OF, "adapter_type": "bigquery"} for text in rules])
    return [result["sql"] for result in results]


def native(rules, rows):
    """The statuses that DuckDB's own CASE of the same rules gives."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(status_cases.MACROS)
        status_cases.load_rows(connection, rows)
        return [status_cases.answers(connection, f"CASE {text} END") for text in rules]


def is_calm(value):
    """Not a value on which docs/semantics.md says that BigQuery differs."""
    if isinstance(value, list):
        return all(map(is_calm, value)) and None not in value
    if isinstance(value, float):
        return value == value and (abs(value) < 1e15 and abs(value) > 1e-9 or value == 0)
    if isinstance(value, datetime):
        return 1000 < value.year < 9000
    return not isinstance(value, str) or value.isascii() or value.islower()


def test_googlesql_finds_the_statuses_of_duckdb():
    seed = secrets.randbits(32)
    rows = [
        {name: value if is_calm(value) else None for name, value in row.items()}
        for row in status_cases.rows(seed, ROWS)
    ]
    # Quotients of zeros are NaN, which GoogleSQL compares otherwise.
    rules = [rules.rules for rules in status_cases.rule_sets(seed, 2 * RULE_SETS, signs="+-") if not rules.careless]
    compared = 0
    for text, sql, expected in zip(rules, printed(rules), native(rules, rows), strict=True):
        where = f"seed {seed}: {text}\n{sql}"
        try:
            found = statuses(sql, rows)
        except ZetaSQLError as error:
            pytest.fail(f"{error}\n{where}")
        assert found == expected, where
        compared += len(rows)
    assert compared == RULE_SETS * ROWS


@pytest.fixture(scope="module")
def table():
    """An installation with a table of the facts, in types that the warehouse may have chosen."""
    builder = TableBuilder("facts")
    kinds = {"i": "INT64", "f": "DOUBLE", "b": "NUMERIC", "s": "STRING", "p": "BOOL", "d": "TIMESTAMP"}
    for name, kind in kinds.items():
        builder.add_column(name, getattr(z.TypeKind, f"TYPE_{kind}"))
    return Installation(tables=[builder.build()])


def test_numbers_of_any_type_are_compared(table):
    rules = [
        "when i = f and b > i and i % 2 = 1 and i / b > 0.5 then 'a' else null",
        "when least(i, b, null) < greatest(f) and coalesce(i, f) in (1, b) then 'a' else null",
        "when case when p then i else b end between f and 10 and nullif(i, f) is null then 'a' else null",
        "when s is null or i is null then null else null",
        "when d + interval 3 days < as_of and days_between(d, as_of) > 1.5 then 'a' else 'b'",
    ]
    for sql in printed(rules):
        table.analyse(f"SELECT {sql} AS status FROM facts")
    with pytest.raises(ZetaSQLError):
        table.analyse(f"SELECT {printed(['when missing > 3 then null else null'])[0]} FROM facts")


def number(value):
    return f"CAST('{value}' AS FLOAT64)"


# Dividend, divisor, quotient, remainder.
QUOTIENTS = [
    (7.0, 2.0, 3.5, 1.0),
    (-7.0, 2.0, -3.5, -1.0),
    (1.0, 0.1, 10.0, 0.09999999999999995),
    (1.0, 0.0, inf, nan),
    (-1.0, 0.0, -inf, nan),
    (0.0, 0.0, nan, nan),
    (inf, 2.0, inf, nan),
    (5.0, inf, 0.0, 5.0),
    (nan, 2.0, nan, nan),
    (None, 2.0, None, None),
    (2.0, None, None, None),
]


def test_quotients_and_remainders_are_those_of_doubles():
    # The expression inside `(<expression> is null)`.
    expressions = [
        sql.split("when (", 1)[1].rsplit(" is null) then", 1)[0]
        for sql in printed(["when a / b is null then 'a' else 'b'", "when a % b is null then 'a' else 'b'"])
    ]
    for *operands, quotient, remainder in QUOTIENTS:
        a, b = ("CAST(NULL AS FLOAT64)" if value is None else number(value) for value in operands)
        for expression, expected in zip(expressions, [quotient, remainder], strict=True):
            test = "value IS NULL" if expected is None else f"value = {number(expected)}"
            test = "IS_NAN(value)" if expected is not None and isnan(expected) else test
            query = f"SELECT {test} FROM (SELECT {expression} AS value FROM (SELECT {a} AS a, {b} AS b))"
            assert Installation().evaluate(query) == [[True]], (operands, expression)


LIKE = [
    ("a%b", "a!%b", "!"),
    ("axb", "a!%b", "!"),
    ("a\\b", "a\\b", ""),
    ("a\\", "a\\", ""),
    ("a\\b", "a!\\b", "!"),
    ("a!b", "a!!b", "!"),
    ("a!b", "a!!_", "!"),
    ("axb", "a!xb", "!"),
    ("a\\%", "a\\!%", "!"),
    ("a\\x", "a\\!%", "!"),
    ("a%", "a\\%", "\\"),
    ("a\\x", "a\\\\_", "\\"),
    ("two\nlines", "two%s", ""),
    ("a", "a!", "!"),
    ("äb", "_b", ""),
]


@pytest.mark.parametrize("known", [True, False])
def test_patterns_mean_what_they_mean_elsewhere(known):
    # A pattern that ends with its escape character is an error unless it is a literal.
    cases = [case for case in LIKE if known or case[1] != "a!"]
    rules = []
    for _, pattern, escape in cases:
        operand = status_cases.literal(pattern) if known else "pattern"
        rules.append(f"when subject like {operand} escape {status_cases.literal(escape)} then 'yes' else 'no'")
    sqls = printed(rules)
    for (subject, pattern, escape), sql in zip(cases, sqls, strict=True):
        query = f"SELECT {sql} FROM (SELECT {literal(subject, '')} AS subject, {literal(pattern, '')} AS pattern)"
        [[found]] = Installation().evaluate(query)
        assert (found == "yes") == is_like(subject, pattern, escape), sql


def is_like(text, pattern, escape):
    """LIKE by recursion."""
    if not pattern:
        return not text
    if pattern[0] == escape:
        return pattern[1:2] != "" and text[:1] == pattern[1] and is_like(text[1:], pattern[2:], escape)
    if pattern[0] == "%":
        return any(is_like(text[taken:], pattern[1:], escape) for taken in range(len(text) + 1))
    return text[:1] != "" and pattern[0] in (text[0], "_") and is_like(text[1:], pattern[1:], escape)


def test_lists_contain_as_in_duckdb():
    # The last condition says that v is a text.
    rules = "when list_contains(tags, v) then 'y' when not list_contains(tags, v) then 'n' when v > '' then '' else ''"
    [sql] = printed([rules])
    for tags in ["['a', NULL]", "[]", "NULL"]:
        for v in ["'a'", "'b'", "NULL"]:
            query = f"SELECT {sql} FROM (SELECT CAST({tags} AS ARRAY<STRING>) AS tags, CAST({v} AS STRING) AS v)"
            columns = f"SELECT CAST({tags} AS VARCHAR[]) AS tags, CAST({v} AS VARCHAR) AS v"
            [(expected,)] = duckdb.execute(f"SELECT CASE {rules} END FROM ({columns})").fetchall()
            assert Installation().evaluate(query) == [[expected]], (tags, v)
