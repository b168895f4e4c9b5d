"""Milestones against a slow second implementation, written from docs/semantics.md: it asks again at every moment."""

import json
import random
from datetime import date, datetime, timedelta

import pytest
from sql import text

EVENTS = ["a", "b", "c", "bad"]
FIRST = datetime(2026, 1, 1)
AS_OF = FIRST + timedelta(days=70, hours=12)


def random_history(draw):
    """Few moments, so that events tie; users and events that are NULL, and events after as_of."""
    days = draw.choice([10, 40, 75])
    return [
        {
            "user_id": draw.choice([None, "", "u1", "u2", "u3"]),
            "event": draw.choice([*EVENTS, *EVENTS, "other", None]),
            "occurred_at": draw.choice([None] + 20 * [FIRST + timedelta(days=draw.randint(0, days), hours=12 * draw.randint(0, 1))]),
            "count": draw.choice([1, 1, 1, 2, 0.5, 0]),
        }
        for _ in range(draw.randint(0, 25))
    ]


def random_condition(draw, may_be_series=True):
    events = {} if draw.random() < 0.3 else {"events": draw.sample(EVENTS[:3], draw.randint(1, 2))}
    measure = draw.choice(["times", "users", "periods", "series" if may_be_series else "times", None])
    if measure == "series":
        steps = [{"events": draw.sample(EVENTS[:3], draw.randint(1, 2))} for _ in range(draw.randint(1, 3))]
        hours = {"within_hours": draw.choice([12, 24, 240])} if draw.random() < 0.5 else {}
        return {"series": steps} | hours
    condition = dict(events)
    enough = draw.randint(1, 3)
    if measure:
        condition[measure] = enough
    if draw.random() < 0.6:
        condition["frequency"] = draw.choice(["daily", "weekly", "monthly"])
    if draw.random() < 0.6:
        condition["within"] = enough + draw.randint(0, 5)
    return condition


def random_definitions(draw):
    milestones = []
    for number in range(draw.randint(1, 5)):
        if draw.random() < 0.3:
            condition = {"all": [random_condition(draw) for _ in range(draw.randint(1, 3))]}
        else:
            condition = random_condition(draw)
        milestones.append({"name": f"m{number}"} | condition)
    names = [milestone["name"] for milestone in milestones]
    definitions = {"milestones": milestones, "negative_events": ["bad"]}
    definitions |= {"start": {"event": draw.choice(EVENTS)}} if draw.random() < 0.5 else {}
    definitions |= {"setup": draw.sample(names, draw.randint(0, len(names)))}
    if draw.random() < 0.7:
        secondary = draw.sample(names, draw.randint(0, len(names)))
        definitions |= {"activation": {"primary": draw.choice(names), "secondary": secondary}}
    definitions |= {"habit": draw.choice(names)} if draw.random() < 0.7 else {}
    return definitions


# The second implementation.


def takes(condition, event):
    return event in condition["events"] if "events" in condition else event != "bad"


def period(condition, day):
    """A number of the calendar's own days, weeks from Monday on, or months."""
    match condition.get("frequency", "daily"):
        case "weekly":
            return date.fromisocalendar(*day.isocalendar()[:2], 1).toordinal() // 7
        case "monthly":
            return day.year * 12 + day.month
        case _:
            return day.toordinal()


def naming(definitions):
    """The events in the order in which the definitions name them: fields come in the order in which they are read."""
    order = list(definitions["negative_events"]) + [definitions.get("start", {}).get("event")]
    for milestone in definitions["milestones"]:
        for condition in milestone.get("all", [milestone]):
            order += condition.get("events", [])
            order += [event for step in condition.get("series", []) for event in step["events"]]
    return list(dict.fromkeys(order))


def chain(rows, steps, hours):
    """Whether some rows, each after the one before, make a chain."""
    def go(step, after, begun):
        if step == len(steps):
            return True
        return any(
            row["event"] in steps[step]["events"]
            and (begun is None or row["occurred_at"] - begun <= timedelta(hours=hours))
            and go(step + 1, place + 1, begun or row["occurred_at"])
            for place, row in enumerate(rows) if place >= after
        )
    return go(0, 0, None)


def holds(condition, rows, moment):
    """Whether a condition is met at a moment by the rows up to there."""
    if "series" in condition:
        return chain(rows, condition["series"], condition.get("within_hours", 10**6))
    last = period(condition, moment.date())
    first = last - condition["within"] + 1 if "within" in condition else -1
    taken = [row for row in rows if takes(condition, row["event"])]
    taken = [row for row in taken if first <= period(condition, row["occurred_at"].date()) <= last]
    people = [row for row in taken if row["user_id"]]
    if "users" in condition:
        return len({row["user_id"] for row in people}) >= condition["users"]
    if "periods" in condition:
        return len({period(condition, row["occurred_at"].date()) for row in people}) >= condition["periods"]
    return sum(row["count"] for row in taken) >= condition.get("times", 1)


def reached(condition, rows, as_of):
    moments = sorted({row["occurred_at"] for row in rows})
    first = next((m for m in moments if holds(condition, [r for r in rows if r["occurred_at"] <= m], m)), None)
    # What was a chain once is one for ever.
    return first, first is not None and holds(condition, rows, as_of)


def expected(definitions, history, as_of):
    order = naming(definitions)
    conditions = [c for m in definitions["milestones"] for c in m.get("all", [m])]
    start = definitions.get("start", {}).get("event")

    def is_asked(row):
        by_user = lambda c: "users" in c or "periods" in c
        series = lambda c: any(row["event"] in step["events"] for step in c["series"])
        asks = lambda c: series(c) if "series" in c else takes(c, row["event"]) and (row["user_id"] or not by_user(c))
        return row["event"] == start or any(map(asks, conditions))

    rows = [r for r in history if r["event"] and r["occurred_at"] and r["occurred_at"] <= as_of and r["count"] and is_asked(r)]
    place = lambda row: order.index(row["event"]) if row["event"] in order else len(order)
    rows.sort(key=lambda row: (row["occurred_at"], place(row)))
    starts = [row["occurred_at"] for row in rows if start is None or row["event"] == start]
    found = {}
    for milestone in definitions["milestones"]:
        parts = [reached(condition, rows, as_of) for condition in milestone.get("all", [milestone])]
        at = None if any(first is None for first, _ in parts) else max(first for first, _ in parts)
        hours = (at - starts[0]) / timedelta(hours=1) if at and starts else None
        found[milestone["name"]] = (at, hours, at is not None and all(current for _, current in parts))
    nothing = (None, None, False)
    setup, activation = definitions["setup"], definitions.get("activation", {})
    missing = [name for name in setup if not found[name][0]]
    primary, habit = found.get(activation.get("primary"), nothing), found.get(definitions.get("habit"), nothing)
    secondary = activation.get("secondary", [])
    return {
        "milestones": found,
        "setup_done": len(setup) - len(missing),
        "setup_total": len(setup),
        "setup_next": missing[0] if missing else None,
        "setup_completed_at": max((found[name][0] for name in setup), default=None) if not missing else None,
        "activated_at": primary[0],
        "hours_to_activation": primary[1],
        "secondary_done": sum(found[name][0] is not None for name in secondary),
        "secondary_total": len(secondary),
        "habit_reached_at": habit[0],
        "hours_to_habit": habit[1],
        "has_habit": habit[2],
        # Everything that is there and used nowhere.
        "ignored": sum(row["count"] for row in history) - sum(row["count"] for row in rows),
    }


def time_of(value):
    return datetime.fromisoformat(value.removesuffix("Z")) if value else None


def call(connection, cases):
    """The results of all cases (definitions, history, as_of)."""
    event = "STRUCT(user_id VARCHAR, event VARCHAR, occurred_at TIMESTAMP, count DOUBLE)"
    kind = f"STRUCT(id INTEGER, history {event}[], definitions VARCHAR, as_of TIMESTAMP)[]"
    rows = [
        {"id": id, "history": history, "definitions": json.dumps(definitions), "as_of": as_of}
        for id, (definitions, history, as_of) in enumerate(cases)
    ]
    query = f"""
        SELECT plg_milestones(c.history, c.definitions, c.as_of)
        FROM (SELECT unnest(CAST(CAST(? AS JSON) AS {kind})) AS c) ORDER BY c.id"""
    return [result for (result,) in connection.execute(query, [json.dumps(rows, default=str)]).fetchall()]


def readable(result):
    times = ["setup_completed_at", "activated_at", "habit_reached_at"]
    milestones = {m["name"]: (time_of(m["reached_at"]), m["hours"], m["is_current"]) for m in result["milestones"]}
    read = {name: time_of(value) if name in times else value for name, value in result.items()}
    return read | {"milestones": milestones, "ignored": sum(result["ignored"].values())}


def test_milestones_are_those_of_the_slow_implementation(connection):
    draw = random.Random(6)
    cases = [(random_definitions(draw), random_history(draw), AS_OF) for _ in range(3_000)]
    reached_ones = 0
    for (definitions, history, as_of), result in zip(cases, call(connection, cases), strict=True):
        found = readable(result)
        assert found == expected(definitions, history, as_of), (definitions, history)
        reached_ones += sum(at is not None for at, _, _ in found["milestones"].values())
    assert 3_000 < reached_ones < 8_000


def test_order_of_rows_changes_nothing(connection):
    draw = random.Random(7)
    cases = [(random_definitions(draw), random_history(draw), AS_OF) for _ in range(500)]
    shuffled = [(definitions, draw.sample(history, len(history)), as_of) for definitions, history, as_of in cases]
    assert call(connection, cases) == call(connection, shuffled)


def test_later_events_never_change_what_was_reached(connection):
    draw = random.Random(8)
    late = [(random_definitions(draw), random_history(draw), AS_OF) for _ in range(500)]
    early = [(definitions, history, FIRST + timedelta(days=draw.randint(0, 40))) for definitions, history, _ in late]
    changed = 0
    for (*_, as_of), before, after in zip(early, call(connection, early), call(connection, late), strict=True):
        for one, other in zip(before["milestones"], after["milestones"], strict=True):
            if one["reached_at"]:
                assert other["reached_at"] == one["reached_at"]
            elif other["reached_at"]:
                assert time_of(other["reached_at"]) > as_of
                changed += 1
    assert changed > 100


def test_definitions_that_do_not_fit_are_refused_with_their_path(message):
    refused = {
        "milestones[0].frequency: must be daily, weekly or monthly": {"frequency": "hourly"},
        "milestones[0].times: must be > 0": {"times": 0},
        "milestones[0].times: must be a whole number up to 1,000,000,000": {"times": 1.5},
        "milestones[0].all: must not be empty": {"all": []},
        "milestones[0].series: must not be empty": {"series": []},
        "milestones[0].within_hours: must be > 0": {"series": [{"event": "a"}], "within_hours": 0},
        "milestones[0].event: is not a field of this object": {"event": "a", "series": [{"event": "a"}]},
        "milestones[0].all[0].name: is not a field of this object": {"all": [{"name": "m", "event": "a"}]},
    }
    for error, condition in refused.items():
        definitions = json.dumps({"milestones": [{"name": "m"} | condition]})
        query = f"SELECT plg_milestones([], {text(definitions)}, TIMESTAMP '2026-01-01')"
        assert message(query) == f"plg.milestones: definitions.{error}"
