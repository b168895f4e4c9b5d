"""The aggregate rollup_events: against DuckDB's own GROUP BY and the native rows, in partial states, windows and bulk."""

import json
import re
import subprocess
import sys

import pytest
from conftest import AGGREGATES, DIST, EXTENSION, message_of, open_database

MODEL = json.dumps({"horizon_days": 90, "events": [{"event": name} for name in ["login", "upgrade_click", "é"]]})
AS_OF = "TIMESTAMP '2026-06-30 12:00:00'"
CALL = f"plg_rollup_events(user_id, event, occurred_at, count, '{MODEL}', {AS_OF})"
ROW = "STRUCT(user_id VARCHAR, event VARCHAR, occurred_at TIMESTAMP, count DOUBLE, max_per_hour DOUBLE)"

# What docs/semantics.md says, in DuckDB's own SQL: 'older', 'later', 'unknown' and so on become days of their own.
OWN = f"""
    WITH given AS (
      SELECT entity, user_id, event, occurred_at, round_even(coalesce(count, 1) * 65536, 0) / 65536 AS count
      FROM events
    ), named AS (
      SELECT *, CASE
        WHEN event IS NULL THEN 'no event'
        WHEN event NOT IN ('login', 'upgrade_click', 'é') THEN 'unknown'
        WHEN occurred_at > {AS_OF} THEN 'later'
        WHEN occurred_at < {AS_OF} - INTERVAL 90 DAYS THEN 'older'
        WHEN occurred_at IS NULL THEN 'no time'
        ELSE CAST(occurred_at AS DATE)::VARCHAR
      END AS place
      FROM given
      WHERE count > 0
    ), placed AS (
      SELECT entity, place, count,
        CASE WHEN place LIKE '20%' THEN user_id END AS user_id,
        CASE WHEN place LIKE '20%' THEN event WHEN place = 'unknown' THEN '' WHEN place <> 'no event' THEN 'login' END AS event,
        CASE place WHEN 'later' THEN {AS_OF} + INTERVAL 1 DAY WHEN 'older' THEN {AS_OF} - INTERVAL 91 DAYS WHEN 'no time' THEN NULL
          WHEN 'unknown' THEN {AS_OF} WHEN 'no event' THEN {AS_OF} ELSE occurred_at END AS moment,
        CASE WHEN place LIKE '20%' THEN date_trunc('hour', occurred_at) END AS hour,
        CASE WHEN place LIKE '20%' THEN count ELSE 0 END AS counted
      FROM named
    ), hours AS (
      SELECT entity, place, user_id, event, hour, max(moment) AS moment, sum(placed.count) AS count,
        sum(counted) AS per_hour
      FROM placed GROUP BY ALL
    ), days AS (
      SELECT entity, user_id, event, max(moment) AS moment, sum(hours.count) AS count, max(per_hour) AS max_per_hour
      FROM hours GROUP BY entity, place, user_id, event
    )
    SELECT entity, list({{'user_id': user_id, 'event': event, 'occurred_at': moment, 'count': count, 'max_per_hour': max_per_hour}}
      ORDER BY user_id NULLS FIRST, event NULLS FIRST, moment NULLS FIRST) AS rows
    FROM days GROUP BY entity
"""


def make_events(connection, rows, entities, users=6):
    """Random events, NULLs, unknown names and times outside the horizon among them."""
    connection.execute(f"""
        CREATE OR REPLACE TABLE events AS
        WITH random AS (SELECT i, [hash(i * 10 + part) // 2 FOR part IN range(8)] AS h FROM range({rows}) t(i))
        SELECT
          CAST(h[1] % {entities} AS INTEGER) AS entity,
          CASE WHEN h[2] % 10 > 0 THEN 'user number ' || CAST(h[2] % {users} AS VARCHAR) END AS user_id,
          ['login', 'upgrade_click', 'é', 'login', 'sneezed', '', NULL][1 + CAST(h[3] % 7 AS INTEGER)] AS event,
          CASE WHEN h[4] % 20 > 0 THEN {AS_OF} + INTERVAL 2 DAYS
            - to_microseconds(CAST(h[5] % CAST(86400e6 * [3, 100][1 + CAST(h[6] % 2 AS INTEGER)] AS UBIGINT) AS BIGINT))
          END AS occurred_at,
          [NULL, 0, 1, 1, 2.5, (h[7] % 1000) / 7.0, (h[7] % 4096 + 0.5) / 65536][1 + CAST(h[8] % 7 AS INTEGER)] AS count
        FROM random
    """)


def differences(connection, query):
    """Entities for which a query (entity, rows) gives something else than DuckDB's own SQL."""
    return connection.execute(f"""
        SELECT entity, own.rows, ours.rows
        FROM ({OWN}) AS own FULL JOIN ({query}) AS ours USING (entity)
        -- Entities whose counts are all 0 have no row in the one and an empty list in the other.
        WHERE CAST(to_json(coalesce(own.rows, [])) AS VARCHAR) IS DISTINCT FROM CAST(to_json(ours.rows) AS VARCHAR)
        LIMIT 3
    """).fetchall()


@pytest.mark.parametrize(("rows", "entities"), [(200_000, 1), (200_000, 37), (300_000, 60_000)])
def test_rows_are_those_of_a_group_by(connection, rows, entities):
    make_events(connection, rows, entities)
    assert connection.execute("SELECT count(DISTINCT entity) FROM events").fetchone()[0] > 0.9 * entities
    assert differences(connection, f"SELECT entity, {CALL} AS rows FROM events GROUP BY entity") == []


def test_threads_and_order_change_nothing(connection):
    make_events(connection, 400_000, 300)
    results = set()
    for threads in [1, 2, 4]:
        for order in ["", "ORDER BY hash(occurred_at)", "ORDER BY entity, occurred_at DESC"]:
            connection.execute(f"SET threads = {threads}")
            query = f"SELECT md5(string_agg(CAST(to_json(rows) AS VARCHAR), ';' ORDER BY entity)) FROM (SELECT entity, {CALL} AS rows FROM (FROM events {order}) GROUP BY entity)"
            results.add(connection.execute(query).fetchone()[0])
    assert len(results) == 1


def test_rows_are_those_of_native_rust(connection):
    cases = [json.loads(line) for line in (DIST / "parity/rollup_events.jsonl").read_text().splitlines()]
    columns = "user_id VARCHAR, event VARCHAR, occurred_at BIGINT, count DOUBLE"
    types = f"{{arguments: 'STRUCT(rows STRUCT({columns})[], model VARCHAR, as_of BIGINT)', result: 'JSON', error: 'VARCHAR'}}"
    connection.execute(f"""
        CREATE TABLE cases AS SELECT row_number() OVER () AS entity, arguments.*, result, error
        FROM read_json('{DIST}/parity/rollup_events.jsonl', format = 'newline_delimited', columns = {types})
    """)
    call = "plg_rollup_events(r.user_id, r.event, make_timestamp(r.occurred_at), r.count, model, make_timestamp(as_of))"
    shown = "list_transform(got, lambda g: {'user_id': g.user_id, 'event': g.event, 'occurred_at': epoch_us(g.occurred_at), 'count': g.count, 'max_per_hour': g.max_per_hour})"
    rows = connection.execute(f"""
        SELECT entity, CAST(to_json({shown}) AS VARCHAR)
        FROM (SELECT entity, {call} AS got FROM cases, unnest(rows) AS u(r) WHERE error IS NULL GROUP BY entity)
    """).fetchall()
    good = {number: case["result"] for number, case in enumerate(cases, 1) if "error" not in case and case["result"]}
    got = {entity: json.loads(text) for entity, text in rows}
    assert {entity: got[entity] for entity in good} == good and len(good) > 2_000
    query = f"SELECT {call} FROM cases, unnest(rows) AS u(r) WHERE entity = ?"
    errors = {number: case["error"] for number, case in enumerate(cases, 1) if "error" in case}
    assert len(errors) > 20
    for number, error in errors.items():
        assert message_of(lambda: connection.execute(query, [number]).fetchall()) == error


@pytest.mark.parametrize("example", AGGREGATES["rollup_events"]["examples"], ids=lambda example: example["title"])
def test_example_holds(connection, documents, example):
    given = example["arguments"]
    model = documents.get(given.get("model"), given.get("model"))
    connection.execute("CREATE TABLE given (user_id VARCHAR, event VARCHAR, occurred_at TIMESTAMP, count DOUBLE)")
    for row in given["rows"]:
        values = [row.get(name) for name in ["user_id", "event", "occurred_at", "count"]]
        connection.execute("INSERT INTO given VALUES (?, ?, ?, ?)", values)
    query = "SELECT to_json(plg_rollup_events(user_id, event, occurred_at, count, ?, CAST(? AS TIMESTAMP))) FROM given"
    parameters = [model, given["as_of"]]
    if "error" in example:
        assert message_of(lambda: connection.execute(query, parameters).fetchall()) == example["error"]
    else:
        [[text]] = connection.execute(query, parameters).fetchall()
        promised = re.sub(r"(\d)T(\d\d:\d\d:\d\d)(\.000000|)(\.\d+|)Z", r"\1 \2\4", example.get("result_json", "null"))
        assert (None if text is None else json.loads(text)) == json.loads(promised)


def test_scores_of_rollups_are_those_of_rollups_made_in_sql(connection, documents):
    make_events(connection, 100_000, 200)
    model = documents["@tiny"].replace("'", "''")
    score = f"plg_score_events(rows, 'admin', '{model}', {AS_OF})"
    connection.execute("UPDATE events SET event = 'upgrade_click' WHERE event = 'é'")
    # All events lie in the horizon, so that the query needs no case for those that do not.
    connection.execute(f"DELETE FROM events WHERE (occurred_at <= {AS_OF} AND event IN ('login', 'upgrade_click')) IS NOT TRUE")
    by_sql = """
        SELECT entity, list({'event': event, 'occurred_at': moment, 'count': count}) AS rows
        FROM (
          SELECT entity, user_id, event, max(occurred_at) AS moment, sum(round_even(coalesce(count, 1) * 65536, 0) / 65536) AS count
          FROM events WHERE round_even(coalesce(count, 1) * 65536, 0) > 0
          GROUP BY entity, user_id, event, CAST(occurred_at AS DATE)
        ) GROUP BY entity
    """
    by_us = f"SELECT entity, plg_rollup_events(user_id, event, occurred_at, count, '{model}', {AS_OF}) AS rows FROM events GROUP BY entity"
    different = connection.execute(f"""
        SELECT entity, a.score, b.score
        FROM (SELECT entity, {score} AS score FROM ({by_sql})) AS a JOIN (SELECT entity, {score} AS score FROM ({by_us})) AS b USING (entity)
        WHERE CAST(to_json(a.score) AS VARCHAR) <> CAST(to_json(b.score) AS VARCHAR)
    """).fetchall()
    assert different == []
    assert connection.execute(f"SELECT count(*) FROM (SELECT {score}.total AS total FROM ({by_us})) WHERE total > 0").fetchone()[0] > 100


def test_it_works_as_a_window_function(connection):
    make_events(connection, 3_000, 3)
    rows = connection.execute(f"""
        SELECT entity, number, CAST(to_json({CALL} OVER (PARTITION BY entity ORDER BY number)) AS VARCHAR),
          CAST(to_json((SELECT {CALL} FROM numbered AS other WHERE other.entity = numbered.entity AND other.number <= numbered.number)) AS VARCHAR)
        FROM (SELECT *, row_number() OVER () AS number FROM events) AS numbered
        QUALIFY number % 100 = 0
    """.replace("FROM numbered", "FROM (SELECT *, row_number() OVER () AS number FROM events)")).fetchall()
    assert len(rows) == 30 and all(running == whole for _, _, running, whole in rows)


def test_filter_and_distinct_apply(value):
    given = "(VALUES ('u', 'login', 1), ('u', 'login', 1), ('v', 'login', 2)) AS t(user_id, event, day)"
    arguments = f"user_id, event, {AS_OF} - to_days(day), 1, '{MODEL}', {AS_OF}"
    assert value(f"SELECT len(plg_rollup_events({arguments}) FILTER (day = 2)) FROM {given}") == 1
    assert value(f"SELECT plg_rollup_events(DISTINCT {arguments})[1].count FROM {given}") == 1


def test_no_rows_give_an_empty_list(connection, value):
    make_events(connection, 1, 1)
    assert value(f"SELECT {CALL} FROM events WHERE false") == []
    assert value(f"SELECT {CALL} FILTER (false) FROM events") == []


def test_null_model_or_as_of_gives_null(value):
    assert value(f"SELECT plg_rollup_events('u', 'login', {AS_OF}, 1, NULL, {AS_OF})") is None
    assert value(f"SELECT plg_rollup_events('u', 'login', {AS_OF}, 1, '{MODEL}', NULL)") is None


def test_every_kind_of_time_and_number_and_bare_nulls_will_do(value):
    for kind in ["TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATE", "VARCHAR"]:
        time = f"CAST('2026-06-30 00:00:00' AS {kind})"
        for number in ["1", "1.0", "1::HUGEINT", "1::FLOAT"]:
            got = value(f"SELECT plg_rollup_events('u', 'login', {time}, {number}, '{MODEL}', {time})")
            assert [row["count"] for row in got] == [1.0], kind
    assert [row["count"] for row in value(f"SELECT plg_rollup_events(NULL, NULL, NULL, NULL, '{MODEL}', {AS_OF})")] == [1.0]
    kind = value(f"SELECT typeof(plg_rollup_events('u', 'login', {AS_OF}, 1, '{MODEL}', {AS_OF}))")
    # Versions differ in which names they put between quotes.
    assert kind.replace('"', "") == f"{ROW}[]"


@pytest.mark.parametrize(
    ("model", "as_of", "name"),
    [
        (f"CASE WHEN i % 2 = 0 THEN '{MODEL}' ELSE replace('{MODEL}', '90', '91') END", AS_OF, "model"),
        (f"CASE WHEN i % 2 = 0 THEN '{MODEL}' END", AS_OF, "model"),
        (f"'{MODEL}'", f"{AS_OF} + to_seconds(i)", "as_of"),
        (f"'{MODEL}'", f"CASE WHEN i > 7 THEN {AS_OF} END", "as_of"),
    ],
)
@pytest.mark.parametrize("rows", [10, 300_000])
def test_what_must_be_the_same_in_all_rows_and_is_not_is_an_error(message, model, as_of, name, rows):
    query = f"SELECT plg_rollup_events('u', 'login', {AS_OF}, 1, {model}, {as_of}) FROM range({rows}) t(i)"
    assert message(query) == f"plg.rollup_events: {name}: must be the same in all rows of a group"


def test_groups_may_have_models_of_their_own(connection):
    rows = connection.execute(f"""
        SELECT i % 40 AS entity, plg_rollup_events('u', 'event ' || (i % 40), {AS_OF}, 1,
          '{{"events": [{{"event": "event ' || (i % 40) || '"}}]}}', {AS_OF} + to_days(CAST(i % 40 AS INTEGER))) AS rows
        FROM range(4000) t(i) GROUP BY 1
    """).fetchall()
    assert len(rows) == 40
    assert all([(row["event"], row["count"]) for row in found] == [(f"event {entity}", 100.0)] for entity, found in rows)


def test_errors_leave_the_connection_usable(message, value):
    bad = f"SELECT plg_rollup_events('u', 'login', {AS_OF}, CASE WHEN i = 250000 THEN -1 ELSE 1 END, '{MODEL}', {AS_OF}) FROM range(300000) t(i) GROUP BY i % 1000"
    assert message(bad) == "plg.rollup_events: count: must be a finite number >= 0"
    good = bad.replace("THEN -1", "THEN 2")
    assert value(f"SELECT sum(r[1].count) FROM ({good.replace(' FROM range', ' AS r FROM range', 1)})") == 300_001


def test_text_longer_than_an_entry_survives_repetition(value):
    name = "'a user with a very long name ' || (i % 3)"
    got = value(f"SELECT plg_rollup_events({name}, 'login', {AS_OF} - to_days(CAST(i % 5 AS INTEGER)), 1, '{MODEL}', {AS_OF}) FROM range(300) t(i)")
    assert [row["user_id"] for row in got] == [f"a user with a very long name {number}" for number in [0, 1, 2] for _ in range(5)]


def test_memory_is_bounded_by_users_events_and_hours_and_given_back():
    """In a process of its own, whose memory nothing else has used: millions of events of one entity, again and again."""
    script = f"""
import duckdb
connection = duckdb.connect(config={{"allow_unsigned_extensions": True, "threads": 2}})
connection.execute("LOAD '{EXTENSION}'")
connection.execute("SET enable_progress_bar = false")  # It would be printed where a query takes seconds.
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
query = '''SELECT len(plg_rollup_events('user ' || (i % 5), 'login', {AS_OF} - to_seconds(i % 7000000), 1, '{MODEL}', {AS_OF}))
  FROM range(3000000) t(i)'''
connection.execute(query).fetchall()
before = resident()
for _ in range(6):
    assert connection.execute(query).fetchall()[0][0] > 100
print(resident() - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 32 << 20


def test_the_macro_is_the_aggregate():
    with open_database() as connection:
        connection.execute((DIST / "duckdb/install.sql").read_text())
        make_events(connection, 1_000, 3)
        macro = CALL.replace("plg_rollup_events", "plg.rollup_events")
        query = f"SELECT entity, {macro} AS rows FROM events GROUP BY entity"
        assert differences(connection, query) == []
