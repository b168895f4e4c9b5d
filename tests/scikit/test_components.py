"""Plain merging against scipy's connected components, on graphs of many shapes."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

RANDOM = np.random.default_rng(20260131)
NO_GUARDRAILS = '{"name": "none", "types": [{"type": "id"}]}'


def chain(size):
    return np.arange(size), np.arange(1, size + 1)


def star(size, centre=0):
    return np.full(size, centre), np.arange(1, size + 1)


def clique(size):
    return np.triu_indices(size, 1)


def forest(size):
    """Every node but a tenth hangs on one before it."""
    nodes = np.arange(1, size)
    nodes = nodes[RANDOM.random(len(nodes)) > 0.1]
    return (RANDOM.random(len(nodes)) * nodes).astype(int), nodes


def scattered(nodes, links):
    return RANDOM.integers(nodes, size=links), RANDOM.integers(nodes, size=links)


def preferred(size):
    """A few hubs have most of the links, as devices and shared accounts do."""
    return (RANDOM.random(size) ** 8 * size).astype(int), RANDOM.integers(size, size=size)


def grid(side):
    nodes = np.arange(side * side).reshape(side, side)
    return (
        np.concatenate([nodes[:, :-1].ravel(), nodes[:-1].ravel()]),
        np.concatenate([nodes[:, 1:].ravel(), nodes[1:].ravel()]),
    )


def beside(*graphs):
    """Graphs that share no node."""
    left, right, offset = [], [], 0
    for one, other in graphs:
        left.append(one + offset)
        right.append(other + offset)
        offset += max(one.max(), other.max()) + 1
    return np.concatenate(left), np.concatenate(right)


GRAPHS = {
    "one chain": lambda: chain(20_000),
    "many chains": lambda: beside(*(chain(RANDOM.integers(1, 40)) for _ in range(500))),
    "a cycle": lambda: (np.arange(5_000), (np.arange(5_000) + 1) % 5_000),
    "one star": lambda: star(20_000),
    "stars in a chain": lambda: tuple(map(np.concatenate, zip(beside(*(star(99) for _ in range(100))), (np.arange(0, 9_000, 100), np.arange(100, 9_100, 100))))),
    "a clique": lambda: clique(200),
    "cliques": lambda: beside(*(clique(RANDOM.integers(2, 20)) for _ in range(200))),
    "a forest": lambda: forest(20_000),
    "a grid": lambda: grid(120),
    "hubs": lambda: preferred(20_000),
    "few links": lambda: scattered(20_000, 5_000),
    "about one link a node": lambda: scattered(20_000, 10_000),
    "many links": lambda: scattered(5_000, 30_000),
    "links to oneself": lambda: (np.arange(100), np.arange(100)),
}


def components(left, right):
    """The smallest node of each node's component, by scipy."""
    size = max(left.max(), right.max()) + 1
    links = coo_matrix((np.ones(len(left)), (left, right)), (size, size))
    count, labels = connected_components(links, directed=False)
    mentioned = np.union1d(left, right)
    return count - (size - len(mentioned)), {node: labels[node] for node in mentioned.tolist()}


def check(ours, left, right):
    """`ours` is a table of nodes and what their component is called."""
    count, theirs = components(left, right)
    assert ours["node"].is_unique and set(ours["node"]) == set(theirs)
    label = ours["node"].map(theirs)
    # As many names as components, and one name for each: the partitions are the same.
    assert ours["canonical_id"].nunique() == count == label.nunique()
    assert pd.Series(ours["canonical_id"]).groupby(label).nunique().eq(1).all()


def named(left, right):
    """Links in a random order and direction, some of them twice; names that do not sort as the numbers do."""
    again = RANDOM.integers(len(left), size=len(left) // 10)
    left, right = np.concatenate([left, left[again]]), np.concatenate([right, right[again]])
    turned = RANDOM.random(len(left)) < 0.5
    links = pd.DataFrame({"a": np.where(turned, left, right), "b": np.where(turned, right, left)})
    return links.sample(frac=1, random_state=1)


@pytest.mark.parametrize("name", GRAPHS)
def test_merging_gives_the_components_of_scipy(connection, name):
    left, right = GRAPHS[name]()
    connection.register("links", named(left, right))
    ours = connection.execute("""
        SELECT CAST(reverse(m.identifier) AS BIGINT) AS node, m.canonical_id
        FROM (SELECT unnest(plg_identity_merge(list({'id_a': reverse(a::VARCHAR), 'id_b': reverse(b::VARCHAR)}))) AS m FROM links)
    """).df()
    check(ours, left, right)


@pytest.mark.parametrize("name", GRAPHS)
def test_resolving_without_guardrails_gives_the_components_of_scipy(connection, name):
    left, right = GRAPHS[name]()
    connection.register("links", named(left, right))
    connection.execute("""
        CREATE TABLE given AS SELECT list({
            'left_type': 'id', 'left_value': reverse(a::VARCHAR), 'right_type': 'id', 'right_value': reverse(b::VARCHAR),
            'first_seen': TIMESTAMP '2026-01-01' + to_hours((a * b % 100)::INTEGER), 'last_seen': NULL
        }) AS links FROM links
    """)
    connection.execute(
        "CREATE TABLE resolved AS SELECT plg_identity_resolve(links, NULL, ?, TIMESTAMP '2026-02-01') AS result FROM given",
        [NO_GUARDRAILS],
    )
    ours = connection.execute("""
        SELECT CAST(reverse(person.identifier) AS BIGINT) AS node, person.canonical_id
        FROM (SELECT unnest(result.identifiers) AS person FROM resolved)
    """).df()
    check(ours, left, right)
    minted, audit = connection.execute("SELECT len(result.minted), len(result.audit) FROM resolved").fetchone()
    assert (minted, audit) == (ours["canonical_id"].nunique(), 0)


def test_every_graph_of_six_nodes_has_the_components_of_scipy(connection):
    nodes, pairs = 6, np.array(list(itertools.combinations(range(6), 2)))
    graph, pair = np.nonzero((np.arange(2 ** len(pairs))[:, None] >> np.arange(len(pairs))) & 1)
    left, right = (graph * nodes + pairs[pair, side] for side in (0, 1))
    connection.register("links", pd.DataFrame({"graph": graph, "a": left, "b": right}).sample(frac=1, random_state=2))
    ours = connection.execute("""
        SELECT m.identifier::BIGINT AS node, m.canonical_id
        FROM (SELECT unnest(plg_identity_merge(list({'id_a': a::VARCHAR, 'id_b': b::VARCHAR}))) AS m FROM links GROUP BY graph)
    """).df()
    check(ours, left, right)
    # The smallest name is that of the component.
    assert (ours["canonical_id"] == ours["node"].astype(str).groupby(ours["canonical_id"]).transform("min")).all()


def test_a_chain_of_a_million_links_is_one_component(connection):
    left, right = chain(1_000_000)
    connection.register("links", named(left, right))
    assert connection.execute("""
        SELECT count(*), count(DISTINCT m.canonical_id), min(m.canonical_id)
        FROM (SELECT unnest(plg_identity_merge(list({'id_a': a::VARCHAR, 'id_b': b::VARCHAR}))) AS m FROM links)
    """).fetchone() == (1_000_001, 1, "0")
    assert components(left, right)[0] == 1


# The graphs of LDBC Graphalytics with which a benchmark's weakly connected components are validated: of its validation graphs
# (graphalytics-validation, validation-graphs/) those named wcc, and the two of the specification's example. An isolated vertex
# stands alone. Each with the published component of every vertex, which is its smallest one.
GRAPHALYTICS = {
    "wcc, directed": ("1 2 3\n2 1 3 4\n3\n4 2\n5\n6 7 8\n7 6\n8\n9 3", "1 1\n2 1\n3 1\n4 1\n5 5\n6 6\n7 6\n8 6\n9 1"),
    "wcc, undirected": (
        "1 2 3\n2 1 3 4\n3 1 2 9\n4 2\n5\n6 7 8\n7 6\n8 6\n9 3", "1 1\n2 1\n3 1\n4 1\n5 5\n6 6\n7 6\n8 6\n9 1",
    ),
    "example, directed": (
        "1 3 5\n2 4 5 10\n3 1 5 8 10\n4\n5 3 4 8\n6 3 4\n7 4\n8 1\n9 4\n10",
        "1 1\n2 1\n3 1\n4 1\n5 1\n6 1\n7 1\n8 1\n9 1\n10 1",
    ),
    "example, undirected": (
        "2 3 4\n3 2 4 5 8\n4 2 3\n5 3 6 8\n6 5 7 8 9 10\n7 6 9\n8 3 5 6\n9 6 7\n10 6",
        "2 2\n3 2\n4 2\n5 2\n6 2\n7 2\n8 2\n9 2\n10 2",
    ),
}
MERGES = {
    "identity_merge": "SELECT unnest(plg_identity_merge(list({'id_a': id_a, 'id_b': id_b})), recursive := true) FROM links",
    "identity_components": "SELECT unnest(plg_identity_components(id_a, id_b), recursive := true) FROM links",
}


@pytest.mark.parametrize("name", GRAPHALYTICS)
@pytest.mark.parametrize("merge", MERGES)
def test_the_graphs_of_graphalytics_have_their_published_components(connection, name, merge):
    adjacent, published = GRAPHALYTICS[name]
    lists = [line.split() for line in adjacent.splitlines()]
    # Two digits, so that the smallest number is the smallest text, too.
    rows = [(first.zfill(2), other and other.zfill(2)) for first, *others in lists for other in others or [None]]
    connection.execute("CREATE TABLE links (id_a VARCHAR, id_b VARCHAR)")
    connection.executemany("INSERT INTO links VALUES (?, ?)", rows)
    assert connection.execute(MERGES[merge]).fetchall() == sorted(
        tuple(vertex.zfill(2) for vertex in line.split()) for line in published.splitlines()
    )
