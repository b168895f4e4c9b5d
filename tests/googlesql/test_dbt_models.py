"""The models of the dbt package, compiled for BigQuery: the analyser takes each on the tables that the others make."""

import ast
import copy
import json
import os
import re
import subprocess

import pytest
import zetasql.types as z
from conftest import DATASET, ROOT
from zetasql.api import TableBuilder

TYPES = {
    "VARCHAR": z.TypeKind.TYPE_STRING, "TIMESTAMP": z.TypeKind.TYPE_TIMESTAMP, "DOUBLE": z.TypeKind.TYPE_DOUBLE,
    "BOOLEAN": z.TypeKind.TYPE_BOOL, "INTEGER": z.TypeKind.TYPE_INT64,
}
EVENTS = {
    "event": "VARCHAR", "user_id": "VARCHAR", "anonymous_id": "VARCHAR", "workspace_id": "VARCHAR",
    "occurred_at": "TIMESTAMP", "count": "DOUBLE", "event_id": "VARCHAR", "source": "VARCHAR", "properties": "VARCHAR",
}

# What dbt 1.11 compiles under another name: a model that starts as something else, and the query of a materialisation.
V2_NAMES = {
    "plg_int_identity_passes": "later", "plg_int_identity_passes again": "plg_int_identity_passes",
    "components_listed": "plg_int_identity_components", "plg_int_identity_components": "its statement",
}


@pytest.fixture(scope="module")
def raw_tables() -> dict[str, dict[str, str]]:
    """The sample's tables with the types that the demo loads them with."""
    program = ast.parse((ROOT / "xtask/demo/load.py").read_text())
    [tables] = [
        ast.literal_eval(node.value) for node in program.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "TABLES"
    ]
    return tables | {"events": EVENTS}


@pytest.fixture(scope="module")
def models() -> list[dict]:
    command = [os.environ["PLG_PYTHON_DBT"], "-B", ROOT / "tests/dbt/print_models.py", "bigquery"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def models_v2() -> dict[str, str]:
    command = [os.environ["PLG_PYTHON_DBT2"], "-B", ROOT / "tests/dbt/print_models_v2.py", "bigquery"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def table(name: str, columns):
    builder = TableBuilder(name)
    for column, kind in columns:
        builder.add_column(column, kind)
    return builder.build()


def test_every_model_is_analysed_on_the_tables_before_it(installed, raw_tables, models, models_v2):
    warehouse = copy.copy(installed)
    warehouse.tables = [
        table(f"raw_{name}", [(column, TYPES[kind]) for column, kind in columns.items()])
        for name, columns in raw_tables.items()
    ]

    def analyse(name: str, sql: str):
        # The analyser knows the functions by one name with dots in it.
        try:
            return warehouse.analyse(re.sub(r"\bplg\.(\w+)\(", rf"`{DATASET}.\1`(", sql))
        except Exception as error:
            raise AssertionError(f"{name}: {error}") from None

    for model in models:
        analysed = analyse(model["name"], model["sql"])
        columns = [(column.name, column.column.type) for column in analysed.output_column_list]
        warehouse.tables.append(table(model["name"], columns))
        if by_v2 := models_v2.pop(V2_NAMES.get(model["name"], model["name"]), None):
            analysed = analyse(f"{model['name']} of dbt v2", by_v2)
            columns_v2 = [(column.name, column.column.type) for column in analysed.output_column_list]
            assert [(name, str(kind)) for name, kind in columns_v2] == [(name, str(kind)) for name, kind in columns]
        if "later" in model:
            again = analyse(f"{model['name']}, the second time", model["later"])
            later_columns = [(column.name, column.column.type) for column in again.output_column_list]
            assert [column for column, _ in later_columns] == [column for column, _ in columns]
            for statement in model["after"]:
                analyse(f"{model['name']}, after it", statement)
    assert sum("later" in model for model in models) >= 8
    assert len(models) > 70
    assert not models_v2
