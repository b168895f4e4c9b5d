"""The aggregate plg_link_components, DuckDB's way to the components of many links, against scipy and in all that it refuses."""

import duckdb
import pandas as pd
import pytest
from test_components import GRAPHS, check, named, scattered

MAPPING = """
    CREATE OR REPLACE TABLE components AS
    SELECT unnest(plg_link_components(rowid, id_a, id_b), recursive := true) FROM links;
    SELECT id_a AS identifier, component FROM links POSITIONAL JOIN components WHERE lists_a
    UNION ALL
    SELECT id_b, component FROM links POSITIONAL JOIN components WHERE lists_b
"""


def mapping(connection) -> pd.DataFrame:
    return connection.execute(MAPPING).df()


@pytest.mark.parametrize("name", GRAPHS)
def test_links_have_the_components_of_scipy(connection, name):
    left, right = GRAPHS[name]()
    connection.register("given", named(left, right))
    connection.execute("CREATE TABLE links AS SELECT a::VARCHAR AS id_a, b::VARCHAR AS id_b FROM given")
    found = mapping(connection).rename(columns={"component": "canonical_id"})
    check(found.assign(node=found["identifier"].astype(int)), left, right)


def test_threads_and_blocks_do_not_matter(tmp_path, connection):
    # Five row groups and three blocks of a thread, and more identifiers than one partition has slots for at first.
    left, right = scattered(900_000, 700_000)
    connection.register("given", pd.DataFrame({"a": left, "b": right}))
    connection.execute("CREATE TABLE links AS SELECT 'an identifier ' || a AS id_a, 'an identifier ' || b AS id_b FROM given")
    found = []
    for threads in (1, 4):
        connection.execute(f"SET threads = {threads}")
        found.append(mapping(connection).sort_values("identifier", ignore_index=True))
    check(found[0].assign(node=found[0]["identifier"].str[14:].astype(int), canonical_id=found[0]["component"]), left, right)
    # Which side stands for an identifier may change; what a component is called may not.
    pd.testing.assert_frame_equal(*found)


def test_a_component_is_called_after_its_first_link_and_each_identifier_is_listed_once(connection):
    links = [("b", None), (None, None), ("c", "d"), (None, "e"), ("d", "b"), ("", "x"), ("x", ""), ("f", "f")]
    connection.execute("CREATE TABLE links (id_a VARCHAR, id_b VARCHAR)")
    connection.executemany("INSERT INTO links VALUES (?, ?)", links)
    rows = connection.execute(
        "SELECT unnest(plg_link_components(rowid, id_a, id_b), recursive := true) FROM links"
    ).fetchall()
    assert [component for component, *_ in rows] == [0, None, 0, 3, 0, 5, 5, 7]
    listed = [id for link, (_, *lists) in zip(links, rows) for id, is_listed in zip(link, lists) if is_listed]
    assert sorted(listed) == ["", "b", "c", "d", "e", "f", "x"]


def test_groups_are_apart_and_no_row_gives_an_empty_list(connection):
    query = """
        SELECT part, [item.component FOR item IN plg_link_components(n, a, b)] FROM (VALUES
            (1, 0, 'x', 'y'), (2, 0, 'y', 'z'), (1, 2, 'y', 'v'), (1, 1, 'u', 'w')
        ) AS links(part, n, a, b) GROUP BY part ORDER BY part
    """
    assert connection.execute(query).fetchall() == [(1, [0, 1, 0]), (2, [0])]
    assert connection.execute("SELECT plg_link_components(1, 'a', 'b') WHERE false").fetchall() == [([],)]


@pytest.mark.parametrize("numbers", ["1", "0, 0", "0, 2", "0, NULL", "0, -1", "1, 1, 0"])
def test_links_that_are_not_numbered_through_are_refused(connection, numbers):
    with pytest.raises(duckdb.Error, match=r"plg\.link_components: row: must number the links from 0 on, each number once"):
        connection.execute(f"SELECT plg_link_components(n, 'secret', 'a' || n) FROM (SELECT unnest([{numbers}]) AS n)").fetchall()


def test_more_links_than_fit_are_refused(connection):
    with pytest.raises(duckdb.Error, match=r"plg\.link_components: row: must be below 2\^30"):
        connection.execute("SELECT plg_link_components(1073741824, 'secret', 'b')").fetchall()
