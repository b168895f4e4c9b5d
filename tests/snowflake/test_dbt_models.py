"""The models of the dbt package, compiled for Snowflake: a parser of its SQL reads each."""

import json
import os
import subprocess

from conftest import ROOT
from snowflake import parse_with_sqlglot


def test_every_model_is_a_statement():
    command = [os.environ["PLG_PYTHON_DBT"], "-B", ROOT / "tests/dbt/print_models.py", "snowflake"]
    models = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    for model in models:
        for statement in [model["sql"], *model.get("after", []), model.get("later", model["sql"])]:
            try:
                parse_with_sqlglot(statement)
            except Exception as error:
                raise AssertionError(f"{model['name']}: {error}") from None
    assert len(models) > 70
