"""The materialisation plg_components on DuckDB: in one call and in rounds, against a union-find of a few lines."""

import json
import random
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, dbt, project_of_macros

GENERATOR = random.Random(7)


def people(count: int) -> list:
    """A few identifiers each, some shared by two people, with repetitions, links of an identifier with itself and lone sides."""
    links = []
    for link in range(count):
        person = GENERATOR.randrange(count // 3)
        other = GENERATOR.randrange(count // 3) if link % 50 == 0 else person
        links.append((f"device:{3 * person + GENERATOR.randrange(3)}", f"user:{other}"))
    alone = [("device:x", None), (None, "user:y"), (None, None), ("user:0", "user:0")]
    return links + links[:100] + [(b, a) for a, b in links[100:200]] + alone


GRAPHS = {
    "people": people(3000),
    "chain": [(f"n{node}", f"n{node + 1}") for node in range(3000)],
    "star": [("hub", f"leaf{leaf}") for leaf in range(3000)],
    "cliques": [(f"{clique}:{a}", f"{clique}:{b}") for clique in range(3) for b in range(100) for a in range(b)],
    "empty": [],
    "lone": [("a", None), (None, "é"), ("\U0001f600", None)],
}


def expected(links: list) -> dict:
    parents: dict[str, str] = {}

    def root(node: str) -> str:
        while parents[node] != node:
            node = parents[node]
        return node

    for a, b in links:
        for side in (a, b):
            if side is not None:
                parents.setdefault(side, side)
        if a is not None and b is not None:
            roots = sorted((root(a), root(b)), key=str.encode)
            parents[roots[1]] = roots[0]
    return {node: root(node) for node in parents}


@pytest.fixture(scope="module")
def graphs(tmp_path_factory) -> Path:
    """The database of a project of one model per graph."""
    database = project_of_macros(tmp_path_factory.mktemp("components"), "graphs")
    with duckdb.connect(database) as connection:
        for name, links in GRAPHS.items():
            connection.execute(f"CREATE TABLE raw_{name} (id_a VARCHAR, id_b VARCHAR)")
            if links:
                connection.executemany(f"INSERT INTO raw_{name} VALUES (?, ?)", links)
    for name in GRAPHS:
        (database.parent / f"models/{name}.sql").write_text(
            "{{ config(materialized='plg_components', pre_hook=\"load '" + str(EXTENSION) + "'\") }}\n"
            f"select id_a, id_b from main.raw_{name}\n"
        )
    return database


@pytest.mark.parametrize(
    ("per_call", "kinds"),
    [
        (1_000_000, {"people": {"call"}, "chain": {"call"}, "star": {"call"}, "cliques": {"call"}}),
        (
            400,
            {
                "people": {"contraction", "call"},
                "chain": {"contraction", "call"},
                "star": {"contraction", "call"},
                "cliques": {"partition-wise merge", "contraction", "call"},
            },
        ),
    ],
)
def test_components_are_those_of_a_union_find(graphs, per_call, kinds):
    # Twice: the second run replaces what the first has made.
    for _ in range(2):
        finished = dbt(
            graphs, "run", "--vars", json.dumps({"plg_component_links_per_call": per_call}), project=graphs.parent
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
    with duckdb.connect(graphs) as database:
        for name, links in GRAPHS.items():
            rows = database.execute(f"SELECT identifier, component FROM main.{name}").fetchall()
            assert len(rows) == len(dict(rows)), name
            assert dict(rows) == expected(links), name
            rounds = database.execute(f"SELECT * FROM main.{name}_rounds ORDER BY round").fetchall()
            assert [row[0] for row in rounds] == list(range(1, len(rounds) + 1))
            if name in kinds:
                assert {row[1] for row in rounds} == kinds[name]
            assert all(row[2] <= per_call for row in rounds if row[1] == "call")
            assert all(row[3] >= 0 for row in rounds)
        tables = {row[0] for row in database.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert tables == {f"{prefix}{name}{suffix}" for name in GRAPHS for prefix, suffix in (("raw_", ""), ("", ""), ("", "_rounds"))}
