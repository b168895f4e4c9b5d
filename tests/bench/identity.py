"""Connected components of links between texts in DuckDB, as JSON lines of bench entries.

A table of links becomes a table of identifiers with their components. Ours are the statements of the dbt package's materialisation
plg_components up to the components' numbers; scipy gets integers for which DuckDB has encoded the identifiers, as a competent user does
it; Splink clusters the links with its own DuckDB statements. Sides run in turn in one connection, with two threads and a database in a
file. Called by `cargo xtask bench`; by itself it takes what is to be part of the entries' names as an optional argument.
"""

import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import jinja2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))
EXTENSION = Path(os.environ.get("PLG_DIST", ROOT / "dist")) / "duckdb" / "plg.duckdb_extension"
ROUNDS = 3
MILLION = 1_000_000
SIZES = [1, 10, 100]
# What a process with 100 million links may take beside what the aggregate keeps for them.
MEMORY = "2GB"
# Bounded calls, for the rounds that are reported.
LINKS_PER_CALL = MILLION


class Macros:
    """The macros of the dbt package as they are for DuckDB."""

    def __init__(self):
        source = (ROOT / "dbt/macros/components/_component_statements.sql").read_text()
        environment = jinja2.Environment(extensions=["jinja2.ext.do"])
        environment.globals |= {"plg": self, "adapter": self, "return": lambda value: value}
        # A template's module has no names with an underscore before them.
        context = (template := environment.from_string(source)).new_context()
        list(template.root_render_func(context))
        self.macros = context.vars

    def dispatch(self, name: str, _package: str):
        return self.macros[f"duckdb__{name}"]

    def __getattr__(self, name: str):
        return self.macros[name]


MACROS = Macros()


def links(count: int) -> str:
    """Devices, users and addresses of people, in no order; one link in a hundred leads to somebody else."""
    people = count // 3
    return f"""
        SELECT
            'device:' || (hash(i) % {people} * 3 + hash(i + 1000000007) % 3) AS id_a,
            CASE
                WHEN hash(i * 7 + 3) % 100 = 0 THEN 'user:' || hash(i * 11) % {people}
                WHEN i % 2 = 0 THEN 'user:' || hash(i) % {people}
                ELSE 'email:person' || (hash(i) % {people} * 2 + hash(i * 13 + 5) % 2) || '@example.com'
            END AS id_b
        FROM range({count}) AS t(i)"""


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(folder / "links.duckdb", config={"allow_unsigned_extensions": "true"})
    connection.execute(f"SET threads = 2; SET temp_directory = '{folder / 'spill'}'")
    connection.execute(f"LOAD '{EXTENSION}'")
    return connection


def timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(connection, name: str, query: str) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {query}")


def ours(connection) -> None:
    """One call: identifier, component."""
    table(connection, "components", MACROS._component_of_links("links"))
    connection.execute("SET preserve_insertion_order = false")
    table(connection, "mapping", MACROS._component_of_identifiers("links", "components"))
    connection.execute("RESET preserve_insertion_order; DROP TABLE components")


def ours_in_rounds(connection, per_call: int) -> list[int]:
    """Contractions until one call may hold the links; the links of each round."""
    table(connection, "links_0", MACROS._component_links("links"))
    counts, made = [], []
    while True:
        [[count]] = connection.execute("SELECT count(*) FROM links_0").fetchall()
        counts.append(count)
        made.append(f"nodes_{len(counts)}")
        if count <= per_call:
            table(connection, made[-1], MACROS._component_rest("links_0"))
            break
        table(connection, made[-1], MACROS._component_contraction("links_0", len(counts)))
        table(connection, "links_1", MACROS._component_contracted("links_0", made[-1]))
        connection.execute("DROP TABLE links_0; ALTER TABLE links_1 RENAME TO links_0")
    followed = made[-1]
    for nodes in reversed(made[:-1]):
        table(connection, f"followed_{nodes}", MACROS._component_followed(nodes, followed))
        followed = f"followed_{nodes}"
    table(connection, "mapping", MACROS._component_numbered("links", followed))
    return counts


def scipys(connection) -> None:
    """Encoded by DuckDB through a table of identifiers, whose row numbers are the nodes."""
    table(connection, "nodes", "SELECT DISTINCT id FROM (SELECT id_a AS id FROM links UNION ALL SELECT id_b FROM links)")
    edges = connection.execute(
        "SELECT a.rowid AS a, b.rowid AS b FROM links JOIN nodes AS a ON a.id = id_a JOIN nodes AS b ON b.id = id_b"
    ).fetchnumpy()
    [[count]] = connection.execute("SELECT count(*) FROM nodes").fetchall()
    graph = coo_array((np.ones(len(edges["a"]), np.int8), (edges["a"], edges["b"])), (count, count)).tocsr()
    labels = connected_components(graph, directed=False)[1]
    # Rows of a table come in order, as do those of an array: nothing has to be joined.
    connection.register("labels", {"component": labels})
    table(connection, "mapping_of_scipy", "SELECT id AS identifier, component FROM nodes POSITIONAL JOIN labels")
    connection.unregister("labels")
    connection.execute("DROP TABLE nodes")


def splinks(connection) -> None:
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    table(connection, "nodes", "SELECT DISTINCT id FROM (SELECT id_a AS id FROM links UNION ALL SELECT id_b FROM links)")
    # It prints what it does.
    with contextlib.redirect_stdout(io.StringIO()):
        clusters = cluster_pairwise_predictions_at_threshold(
            "nodes", "links", DuckDBAPI(connection), "id", edge_id_column_name_left="id_a", edge_id_column_name_right="id_b"
        )
    table(connection, "mapping_of_splink", f"SELECT id AS identifier, cluster_id AS component FROM {clusters.physical_name}")
    connection.execute("DROP TABLE nodes")


def check_same(connection, other: str) -> None:
    """Both mappings have the same identifiers, and their components correspond one to one."""
    differences = f"""
        SELECT count(*) FILTER (ours.identifier IS NULL OR theirs.identifier IS NULL),
            count(DISTINCT (ours.component, theirs.component)), count(DISTINCT ours.component), count(DISTINCT theirs.component)
        FROM mapping AS ours FULL JOIN {other} AS theirs USING (identifier)"""
    [[missing, pairs, our_count, their_count]] = connection.execute(differences).fetchall()
    assert (missing, pairs, pairs) == (0, our_count, their_count), "the components differ"


def against(count: int, name: str, other: str, theirs, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as connection:
        table(connection, "links", links(count))
        times = [(timed(lambda: ours(connection)), timed(lambda: theirs(connection))) for _ in range(rounds)]
        check_same(connection, other)
        our_time, their_time = (statistics.median(side) for side in zip(*times, strict=True))
        ratio = statistics.median(a / b for a, b in times)
        report(name, our_time, their_time, ratio, "seconds", count)


def report(name: str, ours, baseline, ratio, unit: str, n: int) -> None:
    entry = {"name": name, "ours": ours, "baseline": baseline, "ratio": ratio, "unit": unit, "n": n}
    print(json.dumps(entry), flush=True)


def report_rounds(count: int) -> None:
    """How many statements merge what one call must not hold."""
    with tempfile.TemporaryDirectory() as folder, connect(Path(folder)) as connection:
        table(connection, "links", links(count))
        counts = []
        seconds = timed(lambda: counts.extend(ours_in_rounds(connection, LINKS_PER_CALL)))
        connection.execute("ALTER TABLE mapping RENAME TO mapping_in_rounds")
        ours(connection)
        check_same(connection, "mapping_in_rounds")
        connection.execute("DROP TABLE mapping_in_rounds")
        report("duckdb_identity_in_rounds", seconds, None, None, "seconds", count)
        report("duckdb_identity_rounds", len(counts), None, None, "rounds", count)
        for number, links_left in enumerate(counts):
            report(f"duckdb_identity_round_{number + 1}_links", links_left, None, None, "links", count)


def measure_size(millions: int) -> None:
    """In a process of its own, which tells the memory that it took."""
    count = millions * MILLION
    with tempfile.TemporaryDirectory() as folder:
        with connect(Path(folder)) as connection:
            connection.execute(f"SET memory_limit = '{MEMORY}'")
            table(connection, "links", links(count))
        times = []
        for _ in range(ROUNDS if millions < 100 else 1):
            with connect(Path(folder)) as connection:
                connection.execute(f"SET memory_limit = '{MEMORY}'")
                times.append(timed(lambda: ours(connection)))
        # Not getrusage, which counts what the process was forked from.
        [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
        print(json.dumps([statistics.median(times) / count * 1e6, int(peak.split()[1]) * 1024 / 1e9]))


def report_sizes() -> None:
    per_link = {}
    for millions in SIZES:
        size = [sys.executable, __file__, "--size", str(millions)]
        per_link[millions], memory = json.loads(subprocess.run(size, capture_output=True, text=True, check=True).stdout)
        report(f"duckdb_identity_{millions}M", per_link[millions], None, None, "microseconds per link", millions * MILLION)
        report(f"duckdb_identity_{millions}M_memory", memory, None, None, "gigabytes", millions * MILLION)
    first, last = SIZES[0], SIZES[-1]
    ratio = per_link[last] / per_link[first]
    report("duckdb_identity_scaling", per_link[last], per_link[first], ratio, "microseconds per link", last * MILLION)


def main() -> None:
    against(10 * MILLION, "duckdb_identity_vs_scipy", "mapping_of_scipy", scipys, ROUNDS)
    against(MILLION, "duckdb_identity_vs_splink", "mapping_of_splink", splinks, ROUNDS)
    report_rounds(10 * MILLION)
    report_sizes()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--size"]:
        measure_size(int(sys.argv[2]))
    else:
        main()
