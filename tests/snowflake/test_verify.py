"""verify.sql: every example is there, and the comparison is of canonical JSON text."""

import json
import re

import pytest
import sqlglot
from py_mini_racer import MiniRacer
from snowflake import literal, statements

COLUMNS = [r"\d+ AS position", r"('.*') AS function", r"('.*') AS example", r"(.*) AS expected", r"(.*) AS got"]
ROW = re.compile(r",\n    ".join(COLUMNS) + r"\n")


@pytest.fixture(scope="module")
def rows(all_rows, catalogue):
    return [row for row in all_rows if literal(row[0]) in catalogue]


@pytest.fixture(scope="module")
def rows_of_aggregates(all_rows, aggregates):
    return [row for row in all_rows if literal(row[0]) in aggregates]


@pytest.fixture(scope="module")
def all_rows(script):
    return ROW.findall(script("verify"))


@pytest.fixture(scope="module")
def helpers(private):
    """verify_value and verify_text as JavaScript functions of CONTENT."""
    context = MiniRacer()
    for function in private:
        if function.name.startswith("verify_"):
            context.eval(f"function {function.name.rsplit('__', 1)[0]}(CONTENT) {{{function.body}}}")
    return context


def promise(example):
    return json.loads(example["result_json"]) if "result_json" in example else example.get("result")


def expected_json(expression):
    return literal(re.search(r"\(verify_value__\w+\(('.*')\)::[A-Z]+\)\)$", expression)[1])


def test_every_example_that_is_no_error_is_expected_as_the_catalogue_promises(rows, catalogue):
    promised = [
        (name, example["title"], promise(example))
        for name, entry in sorted(catalogue.items(), key=lambda item: (item[1]["family"], item[0]))
        for example in entry["examples"]
        if "error" not in example
    ]
    found = [(literal(name), literal(title), json.loads(expected_json(expected))) for name, title, expected, _ in rows]
    assert found == promised


def test_expected_values_have_the_type_of_the_result(rows, public):
    types = {function.name: function.returns for function in public}
    for name, _, expected, _ in rows:
        assert expected.endswith(f"::{types[literal(name)]}))")


def test_both_sides_take_the_same_way(rows, private):
    names = {function.name for function in private}
    for name, _, expected, got in rows:
        helper = re.match(r"(verify_text__\w+)\(TO_VARIANT\(", expected)[1]
        assert helper in names
        assert got.startswith(f"{helper}(TO_VARIANT({literal(name)}(")


def test_calls_have_as_many_arguments_as_the_function(rows, catalogue, script):
    [_, query] = statements(script("verify"))
    found = sqlglot.parse_one(query, dialect="snowflake").find_all(sqlglot.exp.Anonymous)
    calls = [call for call in found if call.name in catalogue]
    assert len(calls) == len(rows)
    for call in calls:
        assert len(call.expressions) == len(catalogue[call.name]["arguments"])


def test_every_example_of_an_aggregate_is_called_over_a_partition(rows_of_aggregates, aggregates):
    promised = [
        (name, example["title"], promise(example))
        for name, entry in aggregates.items()
        for example in entry["examples"]
        if "error" not in example
    ]
    found = [(literal(n), literal(title), json.loads(expected_json(text))) for n, title, text, _ in rows_of_aggregates]
    assert found == promised
    for name, _, expected, got in rows_of_aggregates:
        entry = aggregates[literal(name)]
        assert expected.endswith("::ARRAY))")
        assert f"TABLE({literal(name)}(given.{entry['arguments'][0]['name']}, " in got
        assert "OVER (PARTITION BY given.part)) AS made" in got
        # One value is compared: the list, or a list of the rows.
        assert f"SELECT made.{entry['column']} FROM" in got if "column" in entry else "SELECT ARRAY_AGG(" in got


def test_rows_of_an_aggregate_are_compared_in_their_order(rows_of_aggregates):
    lists = [got for name, _, _, got in rows_of_aggregates if literal(name) == "identity_components"]
    objects = "OBJECT_CONSTRUCT_KEEP_NULL('identifier', made.identifier, 'canonical_id', made.canonical_id)"
    ordered = f"ARRAY_AGG({objects}) WITHIN GROUP (ORDER BY made.identifier, made.canonical_id)"
    assert lists and all(ordered in got for got in lists)


def test_no_rows_are_typed_columns_without_rows(rows_of_aggregates):
    [got] = [got for _, title, _, got in rows_of_aggregates if literal(title) == "no links, no identifiers"]
    nothing = "SELECT NULL::VARCHAR AS id_a, NULL::VARCHAR AS id_b"
    assert f"(SELECT * FROM ({nothing}) AS nothing WHERE FALSE)" in got


def test_documents_arrive_unchanged(script, documents):
    found = re.findall(r"^    ('.*') AS (\w+),?$", script("verify").split("), examples AS (")[0], re.MULTILINE)
    assert {name: literal(text) for text, name in found} == documents


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ('{"b": 1, "a": [{"d": 2, "c": null}]}', '{"a":[{"c":null,"d":2}],"b":1}'),
        ("4", "4.0"),
        ("null", "null"),
        ('"x"', '"\\u0078"'),
    ],
)
def test_text_is_canonical(helpers, left, right):
    text = "verify_text(verify_value({}))"
    assert helpers.eval(text.format(json.dumps(left))) == helpers.eval(text.format(json.dumps(right)))


def test_sql_null_is_the_text_null(helpers):
    assert helpers.eval("verify_text(undefined)") == helpers.eval("verify_text(verify_value('null'))") == "null"


@pytest.mark.parametrize(
    ("left", "right"), [("0.36787944117144233", "0.3678794411714423"), ("[1,2]", "[2,1]"), ('""', "null")]
)
def test_values_that_differ_have_texts_that_differ(helpers, left, right):
    text = "verify_text(verify_value({}))"
    assert helpers.eval(text.format(json.dumps(left))) != helpers.eval(text.format(json.dumps(right)))
