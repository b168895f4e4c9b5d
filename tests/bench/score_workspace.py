"""Scores of all workspaces of a warehouse in DuckDB: the extension against plain SQL, as JSON lines of bench entries.

Both sides start from the same tables of `workspaces.sql` and run in turn in one connection with two threads. What they answer is hashed
whole, so that the engine can leave nothing out. Called by `cargo xtask bench`; by itself it takes the number of
events as an optional argument.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))
EXTENSION = Path(os.environ.get("PLG_DIST", ROOT / "dist")) / "duckdb" / "plg.duckdb_extension"
MODEL = (ROOT / "udfs/score/documents/starter.json").read_text()
AS_OF = "TIMESTAMP '2026-07-01'"
EVENTS_PER_WORKSPACE = 100
ROUNDS = 3
# The extension rounds what each row earns to a multiple of 2^-32; no workspace has 512 rows.
ROUNDING = 512 * 2.0**-33
SIZES = [1, 10, 100]

# Gathering raw events takes longer than scoring them. Lists of an ENUM, in the order of the workspaces, take the engine a third of what
# lists of texts in no order take it. A name that the model does not list is another value and not NULL.
NAMES = ", ".join(f"'{event['event']}'" for event in json.loads(MODEL)["events"])
EVENT = f"coalesce(TRY_CAST(event AS ENUM({NAMES}, '')), CASE WHEN event IS NOT NULL THEN '' END)"
RAW_EVENTS = f"""
    SELECT workspace_id, list({{'user_id': user_id, 'event': event, 'occurred_at': occurred_at}}) AS events
    FROM (SELECT workspace_id, user_id, {EVENT} AS event, occurred_at FROM events ORDER BY workspace_id)
    GROUP BY workspace_id"""
ROLLUPS = f"""
    SELECT workspace_id, plg_rollup_events(user_id, event, occurred_at, 1, getvariable('model'), {AS_OF}) AS events
    FROM events GROUP BY workspace_id"""


def gathered(events):
    # From the events, which are most, to what there is one of: the scores are then computed by all threads.
    return f"""
    SELECT events.workspace_id, users.users, events.events, facts
    FROM ({events}) AS events
    LEFT JOIN (
        SELECT workspace_id, list({{'user_id': user_id, 'role': role, 'persona': persona}}) AS users
        FROM users GROUP BY workspace_id
    ) AS users ON events.workspace_id = users.workspace_id
    LEFT JOIN facts ON events.workspace_id = facts.workspace_id"""


def scored(events):
    return f"""
    SELECT workspace_id, plg_score_workspace(
        users, events, plg_model_states(facts, getvariable('model'), {AS_OF}), NULL, NULL, getvariable('model'), {AS_OF}
    ) AS score
    FROM ({gathered(events)})"""


# What the engine gathers by itself.
GATHERED = gathered(RAW_EVENTS)
# By the rollups of a day, as the dbt package does it, and by the events themselves.
OURS = scored(ROLLUPS)
OURS_RAW = scored(RAW_EVENTS)
ROLLUPS_SQL = "score_workspace_rollups.sql"
RAW_SQL = "score_workspace_explained.sql"
TOTAL_SQL = "score_workspace.sql"


def baseline(name):
    return (ROOT / "tests/bench" / name).read_text().replace("$as_of", AS_OF)


def open_database(path=":memory:", **config):
    connection = duckdb.connect(path, config={"allow_unsigned_extensions": True, "threads": 2} | config)
    connection.execute(f"LOAD '{EXTENSION}'")
    connection.execute("SET VARIABLE model = ?", [MODEL])
    return connection


def fill(connection, events):
    text = (ROOT / "tests/bench/workspaces.sql").read_text()
    text = text.replace("$events", str(events)).replace("$workspaces", str(events // EVENTS_PER_WORKSPACE))
    for statement in connection.extract_statements(text):
        connection.execute(statement)


def whole(query):
    return f"SELECT bit_xor(hash(result)) FROM ({query}) AS result"


def seconds(connection, query):
    start = time.perf_counter()
    connection.execute(query).fetchall()
    return time.perf_counter() - start


def show(name, ours, other, ratio, unit, n):
    print(json.dumps({"name": name, "ours": ours, "baseline": other, "ratio": ratio, "unit": unit, "n": n}), flush=True)


def assert_same_results(connection, ours, theirs, totals):
    """Points agree but for rounding, everything else is equal; `totals` has the total only."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE ours AS {ours}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE theirs AS {theirs}")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE totals AS {totals}")
    points = "list_transform({}, LAMBDA each: each.points)"
    lists = ["components", "contributions", "top_reasons"]
    far = " OR ".join(
        f"list_max(list_transform(list_zip({points.format(f'score.{name}')}, {points.format(f'theirs.{name}')}), "
        f"LAMBDA pair: abs(pair[1] - pair[2]))) > {ROUNDING}"
        for name in lists
    )
    exact = ["stage", "selected_user", "next_best_action", "next_best_action_channel", "fit_score", "fit_tier"]
    exact += ["is_gate_open", "flags", *(f"ignored.{name}" for name in ["no_event", "no_timestamp", "unknown_event"])]
    exact += [f"ignored.{name}" for name in ["after_as_of", "older_than_horizon", "same_day", "over_cap", "in_loop", "no_user"]]
    exact += ["ignored.not_selected"]
    others = {name: (f"score.{name}", f"theirs.{name}") for name in exact}
    for name, fields in [("components", ["bucket"]), ("contributions", ["bucket", "code", "count"])]:
        for field in fields:
            pick = f'list_transform({{}}.{name}, LAMBDA each: each."{field}")'
            others[f"{name}.{field}"] = (pick.format("score"), pick.format("theirs"))
    others["last_high_intent_at"] = ("score.last_high_intent_at::TIMESTAMP", "theirs.last_high_intent_at")
    checks = {name: f"{ours} IS DISTINCT FROM {other}" for name, (ours, other) in others.items()}
    checks |= {"points": far, "total": f"greatest(abs(score.total - totals.total), abs(score.total - theirs.total)) > {ROUNDING}"}
    counts = connection.execute(f"""
        SELECT count(*), {", ".join(f"count(*) FILTER ({check})" for check in checks.values())}
        FROM ours JOIN theirs USING (workspace_id) JOIN totals USING (workspace_id)
    """).fetchone()
    workspaces = connection.execute("SELECT count(*) FROM facts").fetchone()[0]
    assert counts[0] == workspaces, "workspaces are missing"
    differing = {name: count for name, count in zip(checks, counts[1:]) if count}
    assert not differing, f"the two sides differ: {differing}"
    for table in ["ours", "theirs", "totals"]:
        connection.execute(f"DROP TABLE {table}")


def against_sql(connection, events):
    by_rollups, by_events, totals = baseline(ROLLUPS_SQL), baseline(RAW_SQL), baseline(TOTAL_SQL)
    assert_same_results(connection, OURS, by_rollups, by_rollups)
    assert_same_results(connection, OURS_RAW, by_events, totals)
    pairs = {"": (OURS, by_rollups), "_raw": (OURS_RAW, by_events), "_total": (OURS_RAW, totals)}
    queries = {query for pair in pairs.values() for query in pair}
    rounds = [{query: seconds(connection, whole(query)) for query in queries} for _ in range(ROUNDS + 1)][1:]
    for name, (ours, theirs) in pairs.items():
        ratio = statistics.median(each[ours] / each[theirs] for each in rounds)
        speeds = [events / statistics.median(each[query] for each in rounds) / 1e6 for query in (ours, theirs)]
        show(f"duckdb_score_workspace{name}", *speeds, ratio, "million events/s", events)


def slope(sizes, times):
    """Of the straight line through the logarithms, by least squares: 1 is linear."""
    return statistics.linear_regression([math.log(size) for size in sizes], [math.log(time) for time in times]).slope


def scaling(most):
    sizes = [most * size // SIZES[-1] for size in SIZES]
    times = []
    for events in sizes:
        with open_database() as connection:
            fill(connection, events)
            times.append(statistics.median(seconds(connection, whole(OURS)) for _ in range(ROUNDS + 1)))
    show("duckdb_score_workspace_scaling", slope(sizes, times), None, None, "exponent of events", most)


def peak(database, query):
    """The greatest size of a process of its own that runs the query, in MB."""
    command = [sys.executable, __file__, "--peak", database, query]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_peak(database, query):
    with open_database(database, access_mode="read_only") as connection:
        connection.execute(query).fetchall()
    # Not ru_maxrss, which begins at the size of the process that started this one.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024)


def memory(events):
    """What the same lists take with the extension's functions and without."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"{folder}/workspaces.duckdb"
        with open_database(database) as connection:
            fill(connection, events)
        with_us, without = (
            statistics.median(peak(database, whole(query)) for _ in range(ROUNDS)) for query in [OURS, GATHERED]
        )
    show("duckdb_score_workspace_memory", with_us, without, with_us / without, "MB", events)


def main():
    if sys.argv[1:2] == ["--peak"]:
        return print_peak(*sys.argv[2:])
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with open_database() as connection:
        fill(connection, events)
        against_sql(connection, events)
    scaling(events)
    memory(events)


if __name__ == "__main__":
    main()
