"""Usage metrics against DuckDB's own SQL, on random histories and definitions."""

import json
import math
import random

import pytest
from sql import text

EVENTS = ["opened", "shared", "exported", "left"]
NAMED = [*EVENTS[:3], "renamed"]
AS_OF = "TIMESTAMP '2026-04-30 12:00:00'"
ENTITIES = 60
BASE = ["users", "power_users", "events", "active_days", "indicator"]
DERIVED = ["ratio", "growth", "growth_rate", "change_ratio", "trend"]


def load_history(connection, draw):
    """The table `history`: days on both sides of windows, users and events that are NULL, events after as_of."""
    connection.execute(
        "CREATE OR REPLACE TABLE history (entity INTEGER, user_id VARCHAR, event VARCHAR, occurred_at TIMESTAMP, n DOUBLE)"
    )
    rows = [
        {
            "entity": entity,
            "user_id": draw.choice([None, "", "ada", "bob", "cy", "dí"]),
            "event": draw.choice([*EVENTS, "sneezed", None]),
            "occurred_at": f"2026-04-30 {draw.choice([0, 12, 13, 23])}:00:00",
            "days_ago": draw.choice([draw.randint(0, 9), draw.randint(0, 70)]),
            "n": draw.choice([1, 1, 1, 2, 0.5, 0]),
        }
        for entity in range(ENTITIES)
        for _ in range(draw.randint(0, 60))
    ]
    kinds = "entity INTEGER, user_id VARCHAR, event VARCHAR, occurred_at TIMESTAMP, days_ago INTEGER, n DOUBLE"
    connection.execute(f"""
        INSERT INTO history SELECT r.entity, r.user_id, r.event, r.occurred_at - to_days(r.days_ago), r.n
        FROM (SELECT unnest(CAST(CAST(? AS JSON) AS STRUCT({kinds})[])) AS r)""", [json.dumps(rows)])
    connection.execute("INSERT INTO history VALUES (0, 'ada', 'opened', NULL, 1)")


def random_metrics(draw):
    """Metrics of all kinds; computed ones may name each other, but only those before, so that there is no circle."""
    metrics = []
    for number in range(draw.randint(3, 9)):
        kind = draw.choice(BASE if number < 2 else BASE + DERIVED)
        metric = {"name": f"m{number}", "kind": kind}
        # Not of trends: where a slope is 0, another way to round it may not be.
        names = [other["name"] for other in metrics if other["kind"] != "trend"]
        if kind in BASE:
            if kind == "power_users" or draw.random() < 0.7:
                metric["events"] = draw.sample(NAMED, draw.randint(1, 3))
            if draw.random() < 0.8:
                metric["days"] = draw.choice([1, 7, 28])
            if draw.random() < 0.3:
                metric["offset_days"] = draw.choice([0, 1, 7])
        elif kind == "ratio":
            metric |= {"numerator": draw.choice(names), "denominator": draw.choice(names)}
        elif kind == "trend":
            metric |= {"metric": draw.choice(names), "points": draw.randint(2, 5), "every_days": draw.choice([1, 7])}
        else:
            metric |= {"metric": draw.choice(names), "over_days": draw.choice([1, 7, 30])}
        metrics.append(metric)
    # The order of definitions does not matter.
    draw.shuffle(metrics)
    return metrics


def counted(connection, metric, ago):
    """A metric of events, some days ago, by entity."""
    last = f"CAST({AS_OF} AS DATE) - {ago + metric.get('offset_days', 0)}"
    events = metric.get("events")
    taken = f"event IN ({', '.join(map(text, events))})" if events else "event <> 'left'"
    conditions = [taken, f"occurred_at <= {AS_OF}", f"CAST(occurred_at AS DATE) <= {last}", "n > 0"]
    if "days" in metric:
        conditions.append(f"CAST(occurred_at AS DATE) > {last} - {metric['days']}")
    rows = f"SELECT * FROM history WHERE {' AND '.join(conditions)}"
    people = f"SELECT * FROM ({rows}) WHERE user_id <> ''"
    value = {
        "users": f"SELECT entity, count(DISTINCT user_id) FROM ({people}) GROUP BY 1",
        "power_users": f"""SELECT entity, count(*) FROM (
            SELECT entity, user_id FROM ({people}) GROUP BY 1, 2 HAVING count(DISTINCT event) = {len(events or [])}) GROUP BY 1""",
        "events": f"SELECT entity, sum(n) FROM ({rows}) GROUP BY 1",
        "active_days": f"SELECT entity, count(DISTINCT CAST(occurred_at AS DATE)) FROM ({people}) GROUP BY 1",
        "indicator": f"SELECT DISTINCT entity, 1 FROM ({rows})",
    }[metric["kind"]]
    found = dict(connection.execute(value).fetchall())
    return {entity: float(found.get(entity, 0)) for entity in range(ENTITIES)}


def expected(connection, metrics, metric, ago, known):
    """Any metric, some days ago, by entity; NULL is None."""
    key = (metric["name"], ago)
    if key in known:
        return known[key]
    of = lambda field, days: expected(connection, metrics, metrics[metric[field]], days, known)
    over = lambda part, whole: None if part is None or whole is None or whole == 0 else part / whole
    minus = lambda one, other: None if one is None or other is None else one - other
    kind = metric["kind"]
    if kind in BASE:
        values = counted(connection, metric, ago)
    elif kind == "trend":
        steps = range(metric["points"])
        points = [of("metric", ago + step * metric["every_days"]) for step in reversed(steps)]
        values = {}
        for entity in range(ENTITIES):
            pairs = ", ".join(f"({x}, {'NULL' if y[entity] is None else repr(y[entity])})" for x, y in enumerate(points))
            query = f"SELECT regr_slope(CAST(y AS DOUBLE), x) FROM (VALUES {pairs}) AS points (x, y)"
            slope = connection.execute(query).fetchone()[0]
            # DuckDB has NaN where there are fewer than two points.
            values[entity] = None if slope is None or math.isnan(slope) else slope
    else:
        if kind == "ratio":
            one, other = of("numerator", ago), of("denominator", ago)
        else:
            one, other = of("metric", ago), of("metric", ago + metric["over_days"])
        compute = {"ratio": over, "change_ratio": over, "growth": minus}.get(kind, lambda a, b: over(minus(a, b), b))
        values = {entity: compute(one[entity], other[entity]) for entity in range(ENTITIES)}
    known[key] = values
    return values


def call(connection, definitions, order="random()", as_of=AS_OF):
    query = f"""
        SELECT entity, plg_usage_metrics(
            list({{'user_id': user_id, 'event': event, 'occurred_at': occurred_at, 'count': n}} ORDER BY {order}),
            {text(json.dumps(definitions))}, {as_of}) AS result
        FROM history GROUP BY entity"""
    return dict(connection.execute(query).fetchall())


@pytest.mark.parametrize("seed", range(40))
def test_metrics_are_what_sql_says(connection, seed):
    draw = random.Random(seed)
    load_history(connection, draw)
    metrics = random_metrics(draw)
    results = call(connection, {"negative_events": ["left"], "metrics": metrics})
    by_name, known = {metric["name"]: metric for metric in metrics}, {}
    for position, metric in enumerate(metrics):
        values = expected(connection, by_name, metric, 0, known)
        for entity, result in results.items():
            found, wanted = result["metrics"][position], values[entity]
            assert found["name"] == metric["name"]
            if metric["kind"] == "trend" and wanted is not None:
                # DuckDB adds deviations from running means; we add whole numbers and divide once.
                assert found["value"] == pytest.approx(wanted, rel=1e-12, abs=1e-12), (metric, entity)
            else:
                assert found["value"] == wanted, (metric, entity)


@pytest.mark.parametrize("seed", range(10))
def test_order_and_rollups_change_nothing(connection, seed):
    draw = random.Random(seed)
    load_history(connection, draw)
    definitions = {"negative_events": ["left"], "metrics": random_metrics(draw)}
    forwards = call(connection, definitions, "occurred_at, user_id, event, n")
    assert call(connection, definitions, "n, event DESC, occurred_at DESC, user_id") == forwards
    connection.execute(f"""
        CREATE OR REPLACE TABLE history AS
        SELECT entity, user_id, event, max(occurred_at) AS occurred_at, sum(n) AS n
        FROM history WHERE occurred_at <= {AS_OF} GROUP BY entity, user_id, event, CAST(occurred_at AS DATE)""")
    metrics = lambda results: {entity: result["metrics"] for entity, result in results.items()}
    rolled = metrics(call(connection, definitions))
    assert {entity: values for entity, values in metrics(forwards).items() if entity in rolled} == rolled


def test_every_occurrence_is_counted_or_ignored(connection):
    draw = random.Random(1)
    load_history(connection, draw)
    definitions = {"metrics": [
        {"name": "opened", "kind": "users", "event": "opened", "days": 7},
        {"name": "shared", "kind": "events", "event": "shared", "days": 28},
    ]}
    today = f"CAST({AS_OF} AS DATE)"
    rows = connection.execute(f"""
        SELECT entity, coalesce(sum(n) FILTER (WHERE
            occurred_at <= {AS_OF} AND (
                event = 'opened' AND user_id <> '' AND CAST(occurred_at AS DATE) > {today} - 7
                OR event = 'shared' AND CAST(occurred_at AS DATE) > {today} - 28)), 0), sum(n)
        FROM history GROUP BY entity""").fetchall()
    results = call(connection, definitions)
    assert len(rows) > 40
    for entity, used, total in rows:
        assert sum(results[entity]["ignored"].values()) == total - used


def test_segments_are_those_of_a_case(connection):
    load_history(connection, random.Random(2))
    segments = [{"name": "many", "at_least": 10}, {"name": "some", "at_least": 1.5}]
    definitions = {"metrics": [{"name": "opened", "kind": "events", "event": "opened", "segments": segments}]}
    case = "CASE WHEN v >= 10 THEN 'many' WHEN v >= 1.5 THEN 'some' END"
    wanted = dict(connection.execute(f"""
        SELECT entity, {case} FROM (SELECT entity, coalesce(sum(n) FILTER (
            WHERE event = 'opened' AND occurred_at <= {AS_OF}), 0) AS v FROM history GROUP BY entity)""").fetchall())
    found = {entity: result["metrics"][0]["segment"] for entity, result in call(connection, definitions).items()}
    assert found == wanted
    assert set(wanted.values()) == {"many", "some", None}


@pytest.mark.parametrize(
    ("metric", "error"),
    [
        ({"name": "b", "kind": "sum"}, "metrics[1].kind: is no kind of metric"),
        ({"name": "a", "kind": "users"}, "metrics[1].name: is listed twice"),
        ({"name": "b", "kind": "users", "days": 0}, "metrics[1].days: must be a whole number from 1 to 36500"),
        ({"name": "b", "kind": "users", "days": 1.5}, "metrics[1].days: must be a whole number from 1 to 36500"),
        ({"name": "b", "kind": "users", "offset_days": -1}, "metrics[1].offset_days: must be a whole number from 0 to 36500"),
        ({"name": "b", "kind": "users", "event": "x", "events": ["y"]}, "metrics[1].events: must not stand beside event"),
        ({"name": "b", "kind": "users", "events": []}, "metrics[1].events: must not be empty"),
        ({"name": "b", "kind": "power_users"}, "metrics[1].events: is missing"),
        ({"name": "b", "kind": "growth", "metric": "b", "over_days": 1}, "metrics[1]: leads into a circle"),
        ({"name": "b", "kind": "growth", "metric": "a"}, "metrics[1].over_days: is missing"),
        ({"name": "b", "kind": "trend", "metric": "a", "points": 1, "every_days": 1},
         "metrics[1].points: must be a whole number from 2 to 1000"),
        ({"name": "b", "kind": "trend", "metric": "a", "points": 1000, "every_days": 37},
         "metrics[0]: is needed for more than 36500 days ago"),
        ({"name": "b", "kind": "users", "north_star": True}, "metrics[1].use_case: is missing"),
    ],
)
def test_definitions_that_do_not_fit_are_refused_with_their_path(message, metric, error):
    definitions = {"metrics": [{"name": "a", "kind": "users"}, metric]}
    assert message(f"SELECT plg_usage_metrics([], {text(json.dumps(definitions))}, {AS_OF})") == (
        f"plg.usage_metrics: definitions.{error}"
    )


def test_too_many_values_are_refused(message):
    # 200 days ago by steps of one, each of them again by steps of 201: 40,000 days.
    definitions = {"metrics": [
        {"name": "a", "kind": "users", "days": 1},
        {"name": "b", "kind": "trend", "metric": "a", "points": 200, "every_days": 1},
        {"name": "c", "kind": "trend", "metric": "b", "points": 100, "every_days": 201},
    ]}
    assert message(f"SELECT plg_usage_metrics([], {text(json.dumps(definitions))}, {AS_OF})") == (
        "plg.usage_metrics: definitions.metrics[0]: needs more than 5000 values, with those before"
    )
