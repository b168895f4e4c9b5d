"""The materialisations plg_table and plg_view of DuckDB: what they leave behind, run after run and when a query fails."""

import json
from itertools import product
from pathlib import Path

import duckdb
import pytest
from conftest import dbt, project_of_macros

OURS = ["plg_table", "plg_view"]
KINDS = {"table": "BASE TABLE", "plg_table": "BASE TABLE", "view": "VIEW", "plg_view": "VIEW"}
CONTRACT = {"enforced": True}


@pytest.fixture(scope="module")
def places(tmp_path_factory) -> Path:
    """The database of a project without models, which dbt parses once for all tests."""
    return project_of_macros(tmp_path_factory.mktemp("places"), "places")


@pytest.fixture
def database(places) -> Path:
    """The same, empty."""
    for file in [*places.parent.glob("models/*"), *places.parent.glob("places.duckdb*")]:
        file.unlink()
    return places


def run(database: Path, models: dict[str, tuple[str, dict]]) -> dict[str, str]:
    """Runs a project of these models, each a query and its configuration; the message of each model that failed."""
    properties = []
    for name, (query, config) in models.items():
        (database.parent / f"models/{name}.sql").write_text(query)
        columns = [{"name": "n", "data_type": "integer", "description": "A number."}]
        properties.append({"name": name, "config": config, "columns": columns})
    (database.parent / "models/models.yml").write_text(json.dumps({"models": properties}))
    finished = dbt(database, "run", project=database.parent)
    results = json.loads((database.with_suffix(".dbt") / "target/run_results.json").read_text())["results"]
    assert {result["unique_id"].split(".")[-1] for result in results} == set(models), finished.stdout + finished.stderr
    return {result["unique_id"].split(".")[-1]: result["message"] for result in results if result["status"] != "success"}


def query(database: Path, statement: str) -> list[tuple]:
    with duckdb.connect(database) as connection:
        return connection.execute(statement).fetchall()


def relations(database: Path) -> dict[str, str]:
    return dict(query(database, "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'main'"))


def test_each_takes_the_place_of_what_was_there(database):
    pairs = [pair for pair in product(KINDS, KINDS) if set(pair) & set(OURS)]
    cases = {f"{before}_{after}": (before, after, {}) for before, after in pairs}
    cases |= {f"{ours}_contract": (ours, ours, CONTRACT) for ours in OURS}
    for number in range(2):
        failed = run(database, {
            name: (f"select {number} as n", {"materialized": case[number], "contract": case[2]}) for name, case in cases.items()
        })
        assert failed == {}
        # Nothing else is left, such as a table under another name.
        assert relations(database) == {name: KINDS[case[number]] for name, case in cases.items()}
        for name in cases:
            assert query(database, f"SELECT * FROM main.{name}") == [(number,)]


def test_what_fails_leaves_the_old_rows(database):
    failures = {
        "no_column": ("select no_such_column as n", {}),
        "contract": ("select 'text' as n", {"contract": CONTRACT}),
        "hook": ("select 2 as n", {"post_hook": ["select error('stop')"]}),
    }
    cases = {f"{failure}_{ours}": (ours, *failures[failure]) for failure, ours in product(failures, OURS)}
    assert run(database, {name: ("select 1 as n", {"materialized": case[0]}) for name, case in cases.items()}) == {}
    failed = run(database, {name: (case[1], {"materialized": case[0], **case[2]}) for name, case in cases.items()})
    assert set(failed) == set(cases)
    for name, (ours, *_) in cases.items():
        said = {"no_column": "no_such_column", "contract": "contract", "hook": "stop"}
        assert said[name.removesuffix(f"_{ours}")] in failed[name]
        assert query(database, f"SELECT * FROM main.{name}") == [(1,)]
    assert relations(database) == {name: KINDS[case[0]] for name, case in cases.items()}


def test_hooks_run_in_and_around_the_transaction(database):
    query(database, "CREATE TABLE main.hooks (model VARCHAR, hook VARCHAR, is_there BOOLEAN)")
    there = "exists (from information_schema.tables where table_name = '{0}')"
    hook = "insert into main.hooks select '{0}', '{1}', " + there
    failed = run(database, {
        ours: ("select 1 as n", {
            "materialized": ours,
            "pre_hook": [{"sql": hook.format(ours, "before"), "transaction": False}, {"sql": hook.format(ours, "in front")}],
            "post_hook": [{"sql": hook.format(ours, "behind")}, {"sql": hook.format(ours, "after"), "transaction": False}],
        })
        for ours in OURS
    })
    assert failed == {}
    for ours in OURS:
        said = query(database, f"SELECT hook, is_there FROM main.hooks WHERE model = '{ours}'")
        assert said == [("before", False), ("in front", False), ("behind", True), ("after", True)]


def test_descriptions_are_kept_where_asked(database):
    docs = {"relation": True, "columns": True}
    assert run(database, {ours: ("select 1 as n", {"materialized": ours, "persist_docs": docs}) for ours in OURS}) == {}
    comments = query(database, "SELECT table_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL")
    assert comments == [(ours, "A number.") for ours in OURS]


def test_indexes_are_made_anew(database):
    for _ in range(2):
        config = {"materialized": "plg_table", "indexes": [{"columns": ["n"], "unique": True}]}
        assert run(database, {"indexed": ("select 1 as n", config)}) == {}
        assert query(database, "SELECT table_name, is_unique, expressions FROM duckdb_indexes()") == [("indexed", True, "[n]")]
