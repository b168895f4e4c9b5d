"""The functions inside DuckDB against what DuckDB itself offers, as JSON lines of bench entries.

Both sides of an entry run in turn in one connection with two threads; `ours` and `baseline` are medians in `unit`, and
`ratio` is the median of the rounds' ratios, which a passing disturbance of the machine moves least. Called by
`cargo xtask bench`; by itself it takes the number of rows for the decay as an optional argument.
"""

import json
import os
import statistics
import sys
import time
from pathlib import Path

import duckdb

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))
EXTENSION = Path(os.environ.get("PLG_DIST", ROOT / "dist")) / "duckdb" / "plg.duckdb_extension"
DECAY_ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000_000
STATUS_ROWS = 10_000_000
SCORE_ROWS = 50_000
EVENTS_PER_USER = 50
ROUNDS = 7


def seconds(connection, query):
    start = time.perf_counter()
    connection.execute(query).fetchall()
    return time.perf_counter() - start


def entry(connection, name, ours, baseline, rows, rounds=ROUNDS):
    """Runs both queries in turn after one round to warm up, and prints the entry in million rows per second."""
    seconds(connection, ours), seconds(connection, baseline)
    times = [(seconds(connection, ours), seconds(connection, baseline)) for _ in range(rounds)]
    speed = [rows / statistics.median(side) / 1e6 for side in zip(*times)]
    ratio = statistics.median(a / b for a, b in times)
    result = {"name": name, "ours": speed[0], "baseline": speed[1], "ratio": ratio, "unit": "million rows/s", "n": rows}
    print(json.dumps(result), flush=True)


def decay(connection):
    connection.execute(f"""
        CREATE TABLE signals AS
        SELECT 1 + (i * 7919) % 25 + 0.5 AS points, ((i * 104729) % 36500000)::DOUBLE / 100000 AS age_days
        FROM range({DECAY_ROWS}) rows(i)
    """)
    connection.execute("ALTER TABLE signals ALTER points TYPE DOUBLE")
    entry(
        connection,
        "duckdb_decay",
        "SELECT sum(plg_decay_exp(points, age_days, 14)) FROM signals",
        "SELECT sum(points * exp(-age_days / 14)) FROM signals",
        DECAY_ROWS,
    )
    connection.execute("DROP TABLE signals")


def status(connection):
    # The same eight rules over six facts as in V8, with NULLs in half of the facts.
    connection.execute(f"""
        CREATE TABLE users AS
        SELECT
            hash(i) % 10 = 0 AS is_unsubscribed,
            ['free', 'trial', 'business', 'enterprise', 'team', NULL][1 + (hash(i + 1) % 6)::INTEGER] AS plan,
            CASE WHEN hash(i + 2) % 20 > 0 THEN (hash(i + 3) % 1001)::DOUBLE / 10 END AS total,
            (hash(i + 4) % 40)::DOUBLE AS seats_used,
            CASE WHEN hash(i + 5) % 5 > 0 THEN 5 * (hash(i + 6) % 10)::DOUBLE END AS seats_purchased,
            CASE WHEN hash(i + 7) % 2 > 0 THEN TIMESTAMP '2026-07-01' + to_hours((hash(i + 8) % 1440)::INTEGER - 720)
                END AS trial_ends_at
        FROM range({STATUS_ROWS}) rows(i)
    """)
    text = (ROOT / "udfs/status/documents/user_status.txt").read_text()
    native = text.replace("as_of", "TIMESTAMP '2026-07-01'")
    rules = text.replace("'", "''")
    facts = "is_unsubscribed, plan, total, seats_used, seats_purchased, trial_ends_at"
    packed = "{" + ", ".join(f"'{fact}': {fact}" for fact in facts.split(", ")) + "}"
    ours = f"plg_status_case({packed}, '{rules}', TIMESTAMP '2026-07-01')"
    baseline = f"CASE {native} END"
    differing = f"SELECT count(*) FROM users WHERE {ours} IS DISTINCT FROM {baseline}"
    assert connection.execute(differing).fetchone() == (0,), "the two sides differ"
    # Counting alone would not need the texts, and DuckDB knows that of its own CASE.
    queries = [f"SELECT sum(length({side})) FROM users" for side in [ours, baseline]]
    entry(connection, "duckdb_status_case", *queries, STATUS_ROWS)
    connection.execute("DROP TABLE users")


def score(connection):
    model = (ROOT / "udfs/score/documents/starter.json").read_text()
    names = [event["event"] for event in json.loads(model)["events"] if "event" in event]
    connection.execute(f"""
        CREATE TABLE users AS
        SELECT user, list({{
            'event': {names}[1 + (user * 31 + i * 7) % {len(names)}],
            'occurred_at': TIMESTAMP '2026-06-30' - to_minutes((user * 13 + i * 977) % 86400),
            'count': 1.0
        }}) AS events
        FROM range({SCORE_ROWS}) users(user), range({EVENTS_PER_USER}) events(i)
        GROUP BY user
    """)
    connection.execute("SET VARIABLE model = ?", [model])
    as_of = "TIMESTAMP '2026-07-01'"
    entry(
        connection,
        "duckdb_score_events",
        f"SELECT sum(plg_score_events(events, 'admin', getvariable('model'), {as_of}).total) FROM users",
        # Not the same result: the least that any scoring in SQL must do, one decayed sum over every event.
        f"""SELECT sum(total) FROM (
            SELECT user, sum(2 * exp(-epoch({as_of} - event.occurred_at) / 86400 / 14)) AS total
            FROM (SELECT user, unnest(events) AS event FROM users) GROUP BY user)""",
        SCORE_ROWS,
    )


def main():
    connection = duckdb.connect(config={"allow_unsigned_extensions": True, "threads": 2})
    connection.execute(f"LOAD '{EXTENSION}'")
    for benchmark in [decay, status, score]:
        benchmark(connection)


main()
