"""What the pages below docs/functions/ and docs/warehouses/duckdb.md show is what happens."""

import json
import re

import duckdb
import pytest
from conftest import AGGREGATES, DIST, ROOT

REFERENCE = "".join(page.read_text() for page in sorted((ROOT / "docs/functions").glob("*.md")))
PAGE = (ROOT / "docs/warehouses/duckdb.md").read_text()


def blocks(page):
    return re.findall(r"```sql\n(.*?)```", page, re.DOTALL)


# A call, and below it what comes back as a comment.
EXAMPLES = [
    re.fullmatch(r"((?:SELECT )?plg\.\w+\(.*?)\n((?:-- [^\n]*\n)+)", block, re.DOTALL).groups()
    for block in blocks(REFERENCE)
    if not block.startswith("-- Snowflake")
]

QUERIES = [block for block in blocks(PAGE) if ".read" not in block]


def instants(value):
    """The value with ISO-8601 text as JSON of a TIMESTAMP has it."""
    if isinstance(value, list):
        return [instants(element) for element in value]
    if isinstance(value, dict):
        return {name: instants(field) for name, field in value.items()}
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?", value):
        return re.sub(r"\.?0*$", "", value.rstrip("Z").replace("T", " ")) if "." in value else value
    return value


@pytest.fixture
def installed(connection, documents):
    connection.execute((DIST / "duckdb/install.sql").read_text())
    columns = ", ".join(f"? AS {name.removeprefix('@')}" for name in documents)
    connection.execute(f"CREATE TABLE documents AS SELECT {columns}", list(documents.values()))
    return connection


def test_every_example_of_the_catalogue_is_on_a_page(catalogue):
    assert len(EXAMPLES) == sum(len(entry["examples"]) for entry in [*catalogue.values(), *AGGREGATES.values()])


@pytest.mark.parametrize(("call", "comment"), EXAMPLES)
def test_the_example_gives_what_the_page_says(installed, call, comment):
    promised = re.sub(r"^-- ", "", comment, flags=re.MULTILINE).strip()
    # The call of an aggregate is a query of its own.
    query = f"SELECT to_json(({call}))" if call.startswith("SELECT") else f"SELECT to_json({call}) FROM documents"
    if promised.startswith("error: "):
        with pytest.raises(duckdb.Error) as raised:
            installed.execute(query).fetchall()
        assert promised.removeprefix("error: ") in str(raised.value)
    else:
        [[text]] = installed.execute(query).fetchall()
        got = None if text is None else json.loads(text)
        assert instants(got) == (None if promised == "NULL" else instants(json.loads(promised)))


def test_the_queries_for_administrators_run(installed, model):
    installed.execute("CREATE TABLE score_models AS SELECT 'starter' AS name, ? AS model", [model])
    installed.execute("CREATE TABLE accounts AS SELECT 'trial' AS plan, 12 AS seats")
    installed.execute("""
        CREATE TABLE events AS SELECT 'w' AS workspace_id, 'u' AS user_id, 'admin' AS role, 'upgrade_click' AS event,
        TIMESTAMP '2026-06-30 00:00:00' AS occurred_at, 2 AS event_count
    """)
    events, reasons, status, journey, rollup, components = QUERIES
    installed.execute(f"CREATE TABLE scores AS {events.replace('result.total,', 'result, result.total,')}")
    [(total, sentence)] = installed.execute("SELECT total, first_reason FROM scores").fetchall()
    assert total > 0 and sentence.startswith("2 ")
    assert [row[0] for row in installed.execute(reasons).fetchall()] == [1]
    assert installed.execute(status).fetchall() == [("Talk to sales",)]
    installed.execute("""
        CREATE TABLE machines AS SELECT 'product status' AS name, '{"name": "m", "initial": "A", "states": [{"name": "A"}],
        "transitions": [{"on": "upgrade_click", "when": "count = 2", "do": "enrol"}]}' AS machine
    """)
    assert installed.execute(journey).fetchall() == [("u", "A")]
    [(entity, total)] = installed.execute(rollup).fetchall()
    assert entity == "w" and total > 0
    installed.execute("CREATE TABLE links AS SELECT 'b' AS id_a, 'a' AS id_b")
    assert sorted(installed.execute(components).fetchall()) == [("a", "a"), ("b", "a")]
