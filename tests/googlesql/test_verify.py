"""verify.sql: it analyses after the installation, and what it expects is what the catalogue promises."""

import json
import re

import pytest
from googlesql import ZetaSQLError


@pytest.fixture(scope="module")
def query(script):
    [query] = script("verify")
    return query


def promised(example):
    if "result_json" in example:
        return json.loads(example["result_json"])
    return example.get("result")


def instants(rows):
    """Points in time as TO_JSON_STRING writes a TIMESTAMP."""
    for row in rows or []:
        if row.get("occurred_at") is not None:
            row["occurred_at"] = re.sub(r"\.0*Z$", "Z", row["occurred_at"])
    return rows


def test_it_analyses_after_the_installation(installed, query):
    analysed = installed.analyse(query)
    assert [column.name for column in analysed.output_column_list] == ["function", "example", "expected", "got", "ok"]


def test_it_does_not_analyse_when_a_function_is_missing(installed, query):
    with pytest.raises(ZetaSQLError, match="Function not found"):
        installed.analyse(query.replace("plg.cohort`", "plg.coterie`"))


def test_every_example_that_is_no_error_is_expected_as_the_catalogue_promises(installed, query, catalogue, aggregates):
    # The calls cannot be run here, so their side of the comparison is left out.
    examples = re.sub(r",\n    TO_JSON_STRING\((?:`|\(SELECT )[^\n]*\) AS got\n", "\n", query)
    examples = examples[: examples.rindex("SELECT function")]
    rows = installed.evaluate(f"{examples} SELECT function, example, expected FROM examples ORDER BY position")
    expected = [
        (name, example["title"], promised(example))
        for name, function in sorted(catalogue.items(), key=lambda item: (item[1]["family"], item[0]))
        for example in function["examples"]
        if "error" not in example
    ]
    expected += [
        (name, example["title"], instants(promised(example)))
        for name, aggregate in sorted(aggregates.items())
        for example in aggregate["examples"]
        if "error" not in example
    ]
    assert [(name, title, json.loads(text)) for name, title, text in rows] == expected


def test_documents_arrive_unchanged(installed, query, documents):
    columns = ", ".join(sorted(documents))
    [row] = installed.evaluate(query[: query.index("), examples AS (")] + f") SELECT {columns} FROM documents")
    assert row == [documents[name] for name in sorted(documents)]
