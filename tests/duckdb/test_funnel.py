"""Funnels against SQL that joins every attempt, on random histories."""

import json
import random

import pytest
from sql import text

EVENTS = ["signed_up", "tried", "invited", "paid"]
USERS = 400
AS_OF = "TIMESTAMP '2026-01-03 12:00:00'"
HOUR = 3_600_000_000


def random_funnel(draw):
    """Steps as (events, hours after the step before), and hours for the whole."""
    steps = []
    for step in range(draw.randint(2, 4)):
        hours = draw.choice([None, draw.randint(1, 12)]) if step else None
        steps.append((draw.sample(EVENTS, draw.randint(1, 2)), hours))
    return steps, draw.choice([None, draw.randint(2, 24)])


def definition(steps, hours):
    window = lambda hours: {} if hours is None else {"window": {"hours": hours}}
    elements = [{"name": f"step {i}", "events": events, **window(own)} for i, (events, own) in enumerate(steps)]
    return json.dumps({"steps": elements, **window(hours)})


def load_histories(connection, draw):
    """The table `history`: few different minutes, so that events tie and windows end on them; rows twice; late ones."""
    connection.execute("CREATE OR REPLACE TABLE history (user_id INTEGER, event VARCHAR, occurred_at TIMESTAMP)")
    rows = [
        (user, draw.choice([*EVENTS, "sneezed"]), f"2026-01-0{draw.randint(1, 3)} {draw.randint(0, 23):02}:30:00")
        for user in range(USERS)
        for _ in range(draw.randint(1, 14))
    ]
    connection.executemany("INSERT INTO history VALUES (?, ?, ?)", rows)


def attempts(steps, hours):
    """A query of every attempt, by user with its length and times; ties within an instant by the order of first naming."""
    order = list(dict.fromkeys(event for events, _ in steps for event in events))
    places = " ".join(f"WHEN {text(event)} THEN {place}" for place, event in enumerate(order))
    queries = []
    for length in range(1, len(steps) + 1):
        joins = []
        conditions = []
        for step in range(length):
            events, own = steps[step]
            conditions.append(f"e{step}.event IN ({', '.join(map(text, events))})")
            if step == 0:
                joins.append("FROM known AS e0")
                continue
            before = f"e{step - 1}"
            on = [f"e{step}.user_id = {before}.user_id", f"(e{step}.us, e{step}.place) > ({before}.us, {before}.place)"]
            if own is not None:
                on.append(f"e{step}.us - {before}.us <= {own * HOUR}")
            if hours is not None:
                on.append(f"e{step}.us - e0.us <= {hours * HOUR}")
            joins.append(f"JOIN known AS e{step} ON {' AND '.join(on)}")
        path = ", ".join(f"{{'us': e{step}.us, 'place': e{step}.place}}" for step in range(length))
        queries.append(
            f"SELECT e0.user_id, {length} AS length, [{path}] AS path {' '.join(joins)} WHERE {' AND '.join(conditions)}"
        )
    return f"""
        WITH known AS (
            SELECT DISTINCT user_id, event, epoch_us(occurred_at) AS us, CASE event {places} END AS place
            FROM history WHERE occurred_at <= {AS_OF} AND event IN ({', '.join(map(text, order))})
        )
        {' UNION ALL '.join(queries)}
    """


@pytest.mark.parametrize("seed", range(25))
def test_the_attempt_is_the_one_that_sql_finds(connection, seed):
    draw = random.Random(seed)
    load_histories(connection, draw)
    steps, hours = random_funnel(draw)
    expected = connection.execute(f"""
        SELECT user_id, length, path FROM ({attempts(steps, hours)})
        QUALIFY row_number() OVER (PARTITION BY user_id ORDER BY length DESC, path) = 1
        ORDER BY user_id
    """).fetchall()
    call = f"plg_funnel(list({{'event': event, 'occurred_at': occurred_at}} ORDER BY random()), ?, {AS_OF})"
    results = connection.execute(
        f"SELECT user_id, {call} FROM history GROUP BY user_id ORDER BY user_id", [definition(steps, hours)]
    ).fetchall()
    order = list(dict.fromkeys(event for events, _ in steps for event in events))
    got = []
    for user, result in results:
        times = [(step["reached_at"], order.index(step["event"])) for step in result["steps"]]
        assert result["steps_reached"] == len(times)
        assert result["converted"] is (len(times) == len(steps))
        assert [step["step"] for step in result["steps"]] == [f"step {i}" for i in range(len(times))]
        if times:
            got.append((user, times))
    iso = lambda us: connection.execute("SELECT strftime(make_timestamp(?), '%Y-%m-%dT%H:%M:%S.%fZ')", [us]).fetchone()[0]
    assert got == [(user, [(iso(e["us"]), e["place"]) for e in path]) for user, _, path in expected]
    assert {length for _, length, _ in expected} >= {1, 2}
    counted = connection.execute("SELECT user_id, count(*) FROM history GROUP BY user_id ORDER BY user_id").fetchall()
    assert [(user, sum(r["ignored"].values()) + r["steps_reached"]) for user, r in results] == counted


def test_a_long_history_takes_a_moment(value):
    # A hundred thousand events that are of each of twenty steps.
    steps = json.dumps({"steps": [{"name": str(step), "event": "e"} for step in range(20)], "window": {"minutes": 15}})
    reached = value(
        f"""SELECT plg_funnel(
                list({{'event': 'e', 'occurred_at': make_timestamp(i * 60000000)}}), {text(steps)}, {AS_OF}
            ).steps_reached
            FROM range(100000) AS r(i)"""
    )
    assert reached == 16
