"""The published JSON Schema of a scoring model agrees with model_check: it takes the models that are shipped, and what it
refuses, model_check refuses, too."""

import copy
import json
import random

import duckdb
import jsonschema
import pytest

from conftest import EXTENSION, ROOT

SCHEMA = json.loads((ROOT / "docs/model.schema.json").read_text())
MODELS = {
    path.stem: json.loads(path.read_text())
    for path in [
        ROOT / "udfs/score/documents/starter.json",
        ROOT / "udfs/score/documents/tiny.json",
        ROOT / "udfs/workspace/documents/team.json",
    ]
}
# What may stand anywhere by mistake. JSON's null is left out: to a function it is an absent field.
MISTAKES = [-1, 0, 7, 1e9, 0.5, "x", "", True, [], {}, ["x"], {"name": "x"}]


@pytest.fixture(scope="module")
def problems():
    """What model_check says of a model: path and problem of each."""
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{EXTENSION}'")

    def problems(model):
        [[found]] = connection.execute("SELECT plg_model_check($1)", [json.dumps(model)]).fetchall()
        return [(problem["path"], problem["problem"]) for problem in found]

    yield problems
    connection.close()


def places(value, here=()):
    """Every place of a document, as the steps that lead there."""
    yield here
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*here, step))


def mutate(model, draw):
    """Puts something else somewhere, leaves something out, or adds a field."""
    *steps, last = draw.choice([place for place in places(model) if place])
    parent = model
    for step in steps:
        parent = parent[step]
    change = draw.randrange(4)
    if change == 0 and isinstance(parent, dict):
        del parent[last]
    elif change == 1 and isinstance(parent[last], dict):
        parent[last]["surplus"] = 1
    else:
        parent[last] = copy.deepcopy(draw.choice(MISTAKES))


def test_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", MODELS)
def test_shipped_models_have_no_problems(name, problems):
    jsonschema.validate(MODELS[name], SCHEMA)
    assert problems(MODELS[name]) == []


def test_what_the_schema_refuses_model_check_refuses(problems):
    draw = random.Random(4)
    validator = jsonschema.Draft202012Validator(SCHEMA)
    refused = told = 0
    for _ in range(3_000):
        model = copy.deepcopy(draw.choice(list(MODELS.values())))
        for _ in range(draw.randrange(1, 3)):
            mutate(model, draw)
        found = problems(model)
        told += bool(found)
        if not validator.is_valid(model):
            refused += 1
            assert found, json.dumps(model)
    # model_check knows more: names that refer to each other, conditions, the order of bounds.
    assert 1_000 < refused < told
