"""The queries in docs/warehouses/bigquery.md analyse after the installation."""

import re

import pytest
import zetasql.types as z
from conftest import DATASET, ROOT
from googlesql import Installation
from zetasql.api import TableBuilder

PAGE = (ROOT / "docs/warehouses/bigquery.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)

TABLES = {
    "events": {
        "workspace_id": "STRING",
        "user_id": "STRING",
        "role": "STRING",
        "event": "STRING",
        "occurred_at": "TIMESTAMP",
        "event_count": "INT64",
    },
    "machines": {"name": "STRING", "machine": "STRING"},
    "score_models": {"name": "STRING", "model": "STRING"},
    "accounts": {"plan": "STRING", "seats": "INT64"},
    "links": {"id_a": "STRING", "id_b": "STRING"},
}


@pytest.fixture(scope="module")
def documented(installed, public):
    """The installation with the tables that the page uses."""
    tables = []
    for name, columns in TABLES.items():
        table = TableBuilder(name)
        for column, kind in columns.items():
            table.add_column(column, getattr(z.TypeKind, f"TYPE_{kind}"))
        tables.append(table.build())
    result = public[f"{DATASET}.score_events"].return_type
    tables.append(TableBuilder("scores").add_column("result", result).build())
    installation = Installation(tables)
    installation.functions = installed.functions
    return installation


def test_there_are_queries():
    assert len(QUERIES) == 6


@pytest.mark.parametrize("query", QUERIES)
def test_the_query_analyses(documented, query):
    assert isinstance(documented.analyse(query), z.ResolvedQueryStmt)
