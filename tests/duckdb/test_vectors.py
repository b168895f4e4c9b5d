"""Rows reach the functions whatever vectors they lie in: constant, filtered, joined, all NULL, many chunks, nested lists."""

import threading

import duckdb
import pytest
from conftest import DIST, open_database

AS_OF = "TIMESTAMP '2026-06-30'"


def differing(connection, ours, theirs, source):
    """How many rows of `source` two expressions disagree on."""
    query = f"SELECT count(*) FROM {source} WHERE ({ours}) IS DISTINCT FROM ({theirs})"
    return connection.execute(query).fetchall()[0][0]


@pytest.fixture
def numbers(connection):
    connection.execute(
        "CREATE TABLE numbers AS SELECT i, IF(i % 7 = 0, NULL, i * 1.5) AS points, IF(i % 11 = 0, NULL, i % 90) AS age "
        "FROM range(10000) AS rows(i)"
    )
    return connection


LINEAR = "plg_decay_linear(points, age, 28)"
# The engine's own arithmetic; the same operations in the same order give the same bits.
OWN_LINEAR = "points * CASE WHEN age < 28 THEN 1 - CAST(age AS DOUBLE) / 28 WHEN age >= 28 THEN 0 END"


def test_constants_and_columns_mix(numbers):
    assert differing(numbers, LINEAR, OWN_LINEAR, "numbers") == 0
    assert differing(numbers, "plg_decay_linear(8, age, 28)", OWN_LINEAR.replace("points", "8"), "numbers") == 0
    assert differing(numbers, "plg_decay_linear(8, 7, 28)", "6.0", "numbers") == 0


def test_filtered_and_joined_rows_keep_their_values(numbers):
    filtered = "(SELECT * FROM numbers WHERE i % 3 = 1 AND i > 4000)"
    assert differing(numbers, LINEAR, OWN_LINEAR, filtered) == 0
    joined = "(SELECT a.points, b.age FROM numbers AS a JOIN numbers AS b ON a.i % 100 = b.i WHERE b.i < 100)"
    assert differing(numbers, LINEAR, OWN_LINEAR, joined) == 0


def test_a_vector_of_nothing_but_null_is_null(numbers):
    for argument in ("points", "age", "28"):
        call = LINEAR.replace(argument, "CAST(NULL AS DOUBLE)")
        assert differing(numbers, call, "NULL", "numbers") == 0


def test_lists_of_every_length_and_null_lists_lie_beside_each_other(connection):
    connection.execute(
        "CREATE TABLE histories AS SELECT i, CASE WHEN i % 5 = 0 THEN NULL ELSE list_transform(range(i % 40), lambda x: "
        f"{{'event': 'upgrade_click', 'occurred_at': {AS_OF} - to_hours(CAST(x AS INTEGER)), 'count': 1}}) END AS events "
        "FROM range(6000) AS rows(i)"
    )
    model = '{"name": "m", "version": "1", "buckets": [{"name": "b", "max": 1000}], "events": [{"event": "upgrade_click", ' \
            '"bucket": "b", "scope": "user", "points": 2, "decay": {"kind": "none"}}]}'
    call = f"plg_score_events(events, 'any', '{model}', {AS_OF}).contributions"
    points = f"{call}[1].points"
    assert differing(connection, points, "IF(i % 5 = 0 OR i % 40 = 0, NULL, 2.0 * (i % 40))", "histories") == 0
    assert differing(connection, points, "IF(i % 40 = 0, NULL, 2.0 * (i % 40))", "(SELECT * FROM histories WHERE i % 5 = 3)") == 0


def test_one_list_may_be_longer_than_a_chunk(connection):
    links = "(SELECT list({'id_a': 'n' || i, 'id_b': 'n' || (i + 1)}) AS links FROM range(5000) AS rows(i))"
    query = f"SELECT len(merged), list_distinct(list_transform(merged, lambda x: x.canonical_id)) FROM " \
            f"(SELECT plg_identity_merge(links) AS merged FROM {links})"
    assert connection.execute(query).fetchall() == [(5001, ["n0"])]


def test_documents_may_change_from_row_to_row(connection):
    rules = "'when x > ' || (i % 3) || ' then ''high'' else ''low'''"
    source = "(SELECT i, {'x': i % 4} AS facts FROM range(5000) AS rows(i))"
    assert differing(connection, f"plg_status_case(facts, {rules}, {AS_OF})", "IF(i % 4 > i % 3, 'high', 'low')", source) == 0


def test_texts_of_every_length_come_through(connection):
    connection.execute("CREATE TABLE texts AS SELECT repeat('é', CAST(i AS INTEGER)) AS t FROM range(300) AS rows(i)")
    merged = "(plg_identity_merge([{'id_a': t, 'id_b': t}]))[1].identifier"
    assert differing(connection, merged, "t", "texts") == 0


def test_functions_work_in_many_threads_at_once():
    failures = []

    def work():
        try:
            with open_database() as connection:
                for _ in range(5):
                    assert connection.execute("SELECT sum(plg_decay_linear(2, i % 28, 28)) FROM range(50000) AS rows(i)").fetchall()
        except Exception as error:  # noqa: BLE001: a thread's failure must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_views_and_prepared_statements_call_the_functions(connection):
    connection.execute("CREATE VIEW faded AS SELECT plg_decay_half_life(8, i, 7) AS points FROM range(15) AS rows(i)")
    assert connection.execute("SELECT points FROM faded WHERE points = 4").fetchall() == [(4.0,)]
    assert connection.execute("SELECT plg_decay_half_life(?, ?, 7)", [8, 14]).fetchall() == [(2.0,)]


def test_an_error_leaves_the_connection_usable(connection):
    for _ in range(3):
        with pytest.raises(duckdb.InvalidInputException):
            connection.execute("SELECT plg_decay_exp(1, 1, 0 - i) FROM range(3000) AS rows(i)").fetchall()
        assert connection.execute("SELECT plg_decay_half_life(8, 7, 7)").fetchall() == [(4.0,)]


def test_macros_of_a_reopened_database_work(tmp_path):
    path = tmp_path / "customers.duckdb"
    with open_database(path) as connection:
        connection.execute((DIST / "duckdb/install.sql").read_text())
    with open_database(path) as connection:
        assert connection.execute("SELECT plg.decay_half_life(8, 7, 7)").fetchall() == [(4.0,)]
