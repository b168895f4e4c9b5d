"""The aggregate identity_components: against DuckDB's own recursive query, a search in Python and native identity_merge, in
partial states, windows and bulk."""

import json
import random
import subprocess
import sys

import pytest
from conftest import AGGREGATES, DIST, EXTENSION, open_database

CALL = "plg_identity_components(id_a, id_b)"
ROW = "STRUCT(identifier VARCHAR, canonical_id VARCHAR)"

# Whoever can be reached, on a way of any length; DuckDB orders text by its bytes.
OWN = """
    WITH RECURSIVE steps AS (
      SELECT part, id_a AS here, coalesce(id_b, id_a) AS there FROM links WHERE id_a IS NOT NULL
      UNION SELECT part, id_b, coalesce(id_a, id_b) FROM links WHERE id_b IS NOT NULL
    ), reached AS (
      SELECT part, here AS identifier, here AS there FROM steps
      UNION SELECT reached.part, identifier, steps.there
      FROM reached JOIN steps ON steps.part = reached.part AND steps.here = reached.there
    ), smallest AS (
      SELECT part, identifier, min(there) AS canonical_id FROM reached GROUP BY ALL
    )
    SELECT part, list({'identifier': identifier, 'canonical_id': canonical_id} ORDER BY identifier) AS rows
    FROM smallest GROUP BY part
"""


def make_links(connection, rows, parts, identifiers):
    """Random links, NULLs, repetitions and links to oneself among them, whose clusters have a few identifiers."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP MACRO name_of(n) AS
          ['', 'é', '\uff5e', '\U0001f600'][1 + CAST(n % 4 AS INTEGER)]
          || CASE WHEN n % 5 = 0 THEN 'a text that is longer than an entry ' ELSE '' END || n;
        CREATE OR REPLACE TABLE links AS
        WITH drawn AS (
          SELECT i, [hash(i * 10 + number) // 2 FOR number IN range(5)] AS h FROM range({rows}) t(i)
        ), named AS (
          SELECT i, CAST(h[1] % {parts} AS INTEGER) AS part, h[5] % 2 = 0 AS turned,
            CASE WHEN h[4] % 20 > 0 THEN name_of(h[2] % {identifiers}) END AS one,
            CASE WHEN h[4] % 20 <> 1 THEN name_of(h[2] % {identifiers} + h[3] % 3) END AS other
          FROM drawn
        )
        SELECT i, part, if(turned, other, one) AS id_a, if(turned, one, other) AS id_b FROM named
    """)


def differences(connection, query):
    """Parts for which a query (part, rows) gives something else than DuckDB's own one."""
    return connection.execute(f"""
        SELECT part, own.rows, ours.rows
        FROM ({OWN}) AS own FULL JOIN ({query}) AS ours USING (part)
        -- Parts whose links are all NULL have no row in the one and an empty list in the other.
        WHERE CAST(to_json(coalesce(own.rows, [])) AS VARCHAR) IS DISTINCT FROM CAST(to_json(ours.rows) AS VARCHAR)
        LIMIT 3
    """).fetchall()


@pytest.mark.parametrize(("rows", "parts", "identifiers"), [(300, 1, 400), (20_000, 100, 300), (60_000, 20_000, 40)])
def test_clusters_are_those_of_a_recursive_query(connection, rows, parts, identifiers):
    make_links(connection, rows, parts, identifiers)
    query = f"SELECT part, {CALL} AS rows FROM links GROUP BY part"
    largest, clusters, found = connection.execute(f"""
        SELECT max(size), count(*), sum(size)
        FROM (SELECT part, row.canonical_id, count(*) AS size FROM (SELECT part, unnest(rows) AS row FROM ({query})) GROUP BY ALL)
    """).fetchone()
    assert largest > 3 and 10 < clusters < found
    assert differences(connection, query) == []


def test_a_wrong_cluster_would_be_found(connection):
    make_links(connection, 2_000, 10, 300)
    wrong = "SELECT part, plg_identity_components(id_a, CASE WHEN i <> 1000 THEN id_b END) AS rows FROM links GROUP BY part"
    connection.execute("UPDATE links SET id_a = 'on one side', id_b = 'on the other' WHERE i = 1000")
    assert len(differences(connection, wrong)) == 1


def test_it_is_identity_merge_over_a_list_of_the_links(connection):
    make_links(connection, 300_000, 7, 60_000)
    different = connection.execute(f"""
        SELECT part FROM (
          SELECT part, {CALL} AS ours, plg_identity_merge(list({{'id_a': id_a, 'id_b': id_b}})) AS merged
          FROM links GROUP BY part
        ) WHERE CAST(to_json(ours) AS VARCHAR) IS DISTINCT FROM CAST(to_json(merged) AS VARCHAR) OR len(ours) < 10_000
    """).fetchall()
    assert different == []


def test_rows_are_those_of_native_rust(connection):
    cases = [json.loads(line) for line in (DIST / "parity/identity_components.jsonl").read_text().splitlines()]
    types = "{arguments: 'STRUCT(rows STRUCT(id_a VARCHAR, id_b VARCHAR)[])', result: 'JSON'}"
    rows = connection.execute(f"""
        WITH cases AS (
          SELECT row_number() OVER () AS number, arguments.rows AS links
          FROM read_json('{DIST}/parity/identity_components.jsonl', format = 'newline_delimited', columns = {types})
        )
        SELECT number, CAST(to_json(plg_identity_components(link.id_a, link.id_b)) AS VARCHAR)
        FROM cases, unnest(links) AS u(link) GROUP BY number
    """).fetchall()
    expected = {number: case["result"] for number, case in enumerate(cases, 1) if case["arguments"]["rows"]}
    assert len(expected) > 8_000 and {number: json.loads(text) for number, text in rows} == expected


SHAPES = {
    "a chain": lambda chance, size: [(number, number + 1) for number in range(size)],
    "a hub": lambda chance, size: [(0, number + 1) for number in range(size)],
    "pairs": lambda chance, size: [(2 * number, 2 * number + 1) for number in range(size)],
    "a tree": lambda chance, size: [(number // 2, number + 1) for number in range(size)],
    "a forest": lambda chance, size: [(chance.randrange(n), n) for n in range(1, size) if chance.random() > 0.1],
    "scattered links": lambda chance, size: [(chance.randrange(size), chance.randrange(size)) for _ in range(size // 2)],
}


def searched(links):
    """The smallest name of each name's cluster, by a search from each name that has not been found."""
    beside = {}
    for a, b in links:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    smallest = {}
    for start in sorted(beside):
        waiting = [start] if start not in smallest else []
        while waiting:
            name = waiting.pop()
            if name not in smallest:
                smallest[name] = start
                waiting.extend(beside[name])
    return sorted(smallest.items())


@pytest.mark.parametrize("shape", SHAPES)
def test_large_clusters_of_every_shape_are_those_of_a_search(connection, tmp_path, shape):
    chance = random.Random(20260131)
    links = SHAPES[shape](chance, 150_000)
    chance.shuffle(links)
    links = [(f"{a * 7919 % 1_000_003:07}", f"{b * 7919 % 1_000_003:07}") for a, b in links]
    file = tmp_path / "links.csv"
    file.write_text("id_a,id_b\n" + "".join(f"{a},{b}\n" for a, b in links))
    rows = connection.execute(f"""
        SELECT row.identifier, row.canonical_id
        FROM (SELECT unnest({CALL}) AS row FROM read_csv('{file}', all_varchar = true))
    """).fetchall()
    # In their order, too.
    assert rows == searched(links)


def test_threads_and_order_change_nothing(connection):
    make_links(connection, 300_000, 50, 20_000)
    results = set()
    for threads in [1, 2, 4]:
        for order in ["", "ORDER BY hash(i)", "ORDER BY part, id_b DESC"]:
            connection.execute(f"SET threads = {threads}")
            query = f"SELECT md5(string_agg(CAST(to_json(rows) AS VARCHAR), ';' ORDER BY part)) FROM (SELECT part, {CALL} AS rows FROM (FROM links {order}) GROUP BY part)"
            results.add(connection.execute(query).fetchone()[0])
    assert len(results) == 1


def test_parts_that_are_merged_again_give_the_clusters_of_the_whole(connection):
    make_links(connection, 50_000, 40, 20_000)
    again = f"SELECT unnest({CALL}) AS row FROM links GROUP BY part"
    [[parted, whole]] = connection.execute(f"""
        SELECT CAST(to_json((SELECT plg_identity_components(row.identifier, row.canonical_id) FROM ({again}))) AS VARCHAR),
          CAST(to_json((SELECT {CALL} FROM links)) AS VARCHAR)
    """).fetchall()
    assert parted == whole


@pytest.mark.parametrize("example", AGGREGATES["identity_components"]["examples"], ids=lambda example: example["title"])
def test_example_holds(connection, value, example):
    connection.execute("CREATE TABLE given (id_a VARCHAR, id_b VARCHAR)")
    for row in example["arguments"]["rows"]:
        connection.execute("INSERT INTO given VALUES (?, ?)", [row.get("id_a"), row.get("id_b")])
    assert value(f"SELECT {CALL} FROM given") == example["result"]


def test_it_works_as_a_window_function(connection):
    make_links(connection, 2_000, 3, 300)
    rows = connection.execute(f"""
        SELECT part, i, CAST(to_json({CALL} OVER (PARTITION BY part ORDER BY i)) AS VARCHAR),
          CAST(to_json((SELECT {CALL} FROM links AS other WHERE other.part = links.part AND other.i <= links.i)) AS VARCHAR)
        FROM links
        QUALIFY i % 100 = 0
    """).fetchall()
    assert len(rows) == 20 and all(running == whole for _, _, running, whole in rows)


def test_filter_and_distinct_apply(value):
    given = "(VALUES ('a', 'b', 1), ('a', 'b', 1), ('b', 'c', 2)) AS t(id_a, id_b, day)"
    assert value(f"SELECT len({CALL} FILTER (day = 2)) FROM {given}") == 2
    assert value(f"SELECT len(plg_identity_components(DISTINCT id_a, id_b)) FROM {given}") == 3


def test_no_rows_give_an_empty_list(connection, value):
    make_links(connection, 1, 1, 1)
    assert value(f"SELECT {CALL} FROM links WHERE false") == []
    assert value(f"SELECT {CALL} FILTER (false) FROM links") == []
    assert value("SELECT plg_identity_components(NULL, NULL)") == []


def test_bare_nulls_will_do(value):
    assert value("SELECT plg_identity_components(NULL, 'a')") == [{"identifier": "a", "canonical_id": "a"}]
    kind = value("SELECT typeof(plg_identity_components('a', 'b'))")
    # Versions differ in which names they put between quotes.
    assert kind.replace('"', "") == f"{ROW}[]"


def test_many_groups_have_clusters_of_their_own(value):
    assert value("""
        SELECT count(*) FROM (
          SELECT i % 100_000 AS part, plg_identity_components('a' || (i % 100_000), 'b' || (i // 100_000)) AS rows
          FROM range(300_000) t(i) GROUP BY 1
        ) WHERE len(rows) = 4 AND rows[4].canonical_id = 'a' || part
    """) == 100_000


def test_memory_is_bounded_by_identifiers_and_given_back():
    """In a process of its own, whose memory nothing else has used: millions of links of few identifiers, again and again."""
    script = f"""
import duckdb
connection = duckdb.connect(config={{"allow_unsigned_extensions": True, "threads": 2}})
connection.execute("LOAD '{EXTENSION}'")
connection.execute("SET enable_progress_bar = false")  # It would be printed where a query takes seconds.
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
query = '''SELECT len(plg_identity_components('device ' || (i % 5_000), 'the hub of all devices ' || (i % 3)))
  FROM range(3_000_000) t(i)'''
connection.execute(query).fetchall()
before = resident()
for _ in range(6):
    assert connection.execute(query).fetchall() == [(5_003,)]
print(resident() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 32 << 20


def test_the_macro_is_the_aggregate():
    with open_database() as connection:
        connection.execute((DIST / "duckdb/install.sql").read_text())
        make_links(connection, 1_000, 3, 300)
        macro = CALL.replace("plg_identity_components", "plg.identity_components")
        assert differences(connection, f"SELECT part, {macro} AS rows FROM links GROUP BY part") == []
