"""The models of the dbt package, compiled for Snowflake: a parser of its SQL reads each, and dbt v2 compiles the same."""

import json
import os
import re
import subprocess
from collections import Counter

import pytest
from conftest import ROOT
from snowflake import parse_with_sqlglot

# What stands in for each model in the list of dbt 1.11: what one that starts as something else does then, and the query of
# a materialisation.
V1_NAMES = {
    "plg_int_identity_passes": "plg_int_identity_passes again", "plg_int_identity_components": "components_listed",
}
# Limits that dbt 1.11, which only dispatches as if it were on Snowflake, takes from DuckDB, its target.
LIMITS = {"100000": "10000", "50000": "5000"}


def printed(python: str, program: str):
    command = [os.environ[python], "-B", ROOT / "tests/dbt" / program, "snowflake"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def models() -> list[dict]:
    return printed("PLG_PYTHON_DBT", "print_models.py")


@pytest.fixture(scope="module")
def models_v2() -> dict[str, str]:
    return printed("PLG_PYTHON_DBT2", "print_models_v2.py")


def test_every_model_is_a_statement(models, models_v2):
    statements = [(f"{name} of dbt v2", sql) for name, sql in models_v2.items()]
    for model in models:
        name, *more = model["name"], *model.get("after", []), model.get("later", model["sql"])
        statements.extend((name, sql) for sql in [model["sql"], *more])
    for name, sql in statements:
        try:
            parse_with_sqlglot(sql)
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from None
    assert len(models) > 70


def words(sql: str) -> Counter:
    """The words of a statement and how often each stands there: v2 puts the fields of documents in order of their names, and
    so it has other digests of them."""
    sql = re.sub(r"\b[0-9a-f]{32}\b", "digest", re.sub(r"--.*", "", sql))
    return Counter(LIMITS.get(word, word) for word in re.findall(r"\w+", sql.lower()))


def test_dbt_v2_compiles_the_same_words(models, models_v2):
    by_name = {model["name"]: model["sql"] for model in models}
    assert len(models_v2) > 70
    for name, sql in models_v2.items():
        assert words(sql) == words(by_name[V1_NAMES.get(name, name)]), name
