"""The catalogue's examples, exactly as documented, errors included."""

import json

import pytest
import sql
from conftest import FUNCTIONS, message_of

EXAMPLES = [
    pytest.param(function, example, id=f"{function['name']}: {example['title']}")
    for function in FUNCTIONS.values()
    for example in function["examples"]
]


def expected(example):
    return json.loads(example["result_json"]) if "result_json" in example else example.get("result")


@pytest.mark.parametrize("function, example", EXAMPLES)
def test_example_holds(connection, documents, function, example):
    query = f"SELECT {sql.call(function, example['arguments'], documents)}"
    if "error" in example:
        assert message_of(lambda: connection.execute(query).fetchall()) == example["error"]
    else:
        assert connection.execute(query).fetchone()[0] == expected(example)


@pytest.mark.parametrize("function, example", [case for case in EXAMPLES if "error" in case.values[1]])
def test_error_is_null_through_try(value, documents, function, example):
    assert value(f"SELECT TRY({sql.call(function, example['arguments'], documents)})") is None
