"""Journeys through DuckDB against a slow implementation in Python, with DuckDB's own SQL for the conditions."""

import json
import random

import journey_reference as reference
import pytest
from conftest import open_database

HOUR = 3_600_000_000
START = reference.microseconds("2026-01-01T00:00:00Z")
EVENTS = ["signed_up", "scored", "asked", "declined", "subscribed", "cancelled", "Gelöscht"]
STATES = ["Lead", "Trial", "Lockout due", "Locked out", "Aktiv ✓"]
FACTS = {"n": "DOUBLE", "plan": "VARCHAR", "note": "VARCHAR", "flag": "BOOLEAN", "since": "TIMESTAMP"}
# A condition, and the facts that it names in order, with the literals that a text is compared with for equality only.
CONDITIONS = {
    "n >= 2": [("n", [])],
    "plan in ('pro', 'team')": [("plan", ["pro", "team"])],
    "plan <> 'free' or flag": [("plan", ["free"]), ("flag", [])],
    "note like 'a%'": [("note", [])],
    "note > 'm' and not flag": [("note", []), ("flag", [])],
    "since < occurred_at - interval 2 days": [("since", [])],
    "coalesce(n, 0) * 2 < 3 and flag is not false": [("n", []), ("flag", [])],
    "occurred_at < timestamp '2026-01-10'": [],
    "case when n is null then plan = 'pro' else n = 1 end": [("n", []), ("plan", ["pro"])],
}
DOING = ["leave", "pause", "pause", "resume", "resume", "restart"]
CASES = 1_500


def subset(chance, values, most):
    return chance.sample(values, chance.randint(1, most))


def random_machine(chance):
    """Every state is one in which some event may enrol, so all can be reached."""
    timeouts = ["after_days", "after_hours"]
    states = []
    for name in STATES:
        state = {"name": name}
        if chance.random() < 0.7:
            state[chance.choice(timeouts)] = chance.choice([0.5, 1, 2, 7, 14, 30.25, 0.0701])
            state |= chance.choice([{"do": "leave"}] + [{"to": other} for other in STATES])
        states.append(state)
    transitions = [{"do": "enrol", "to": name} for name in STATES]
    for _ in range(chance.randint(2, 9)):
        transition = chance.choice([{"to": chance.choice(STATES)}] * 3 + [{"do": do} for do in DOING])
        if chance.random() < 0.7:
            transition = transition | {"from": chance.choice(["*", chance.choice(STATES), subset(chance, STATES, 3)])}
        transitions.append(transition)
    chance.shuffle(transitions)
    for number, transition in enumerate(transitions):
        on = chance.choice([chance.choice(EVENTS), subset(chance, EVENTS, 3)])
        when = {"when": chance.choice(list(CONDITIONS))} if chance.random() < 0.5 else {}
        transitions[number] = {"on": on} | transition | when
    re_entry = chance.choice(["never", "always", {"after_days": 3}, {"after_hours": 30.5}])
    return {"name": "m", "initial": STATES[0], "re_entry": re_entry, "states": states, "transitions": transitions}


def random_events(chance):
    events = []
    for _ in range(chance.randint(0, 25)):
        event = {"event": chance.choice([*EVENTS, *EVENTS, "unknown", None])}
        time = START + chance.randint(0, 40 * 24) * HOUR
        if chance.random() < 0.3:
            time += chance.randint(0, HOUR)
        event["occurred_at"] = time if chance.random() < 0.97 else None
        event["facts"] = None
        if chance.random() < 0.8:
            values = {
                "n": chance.choice([0.0, 1.0, 1.5, 2.0, -3.0]),
                "plan": chance.choice(["free", "pro", "team", "", "日本"]),
                "note": chance.choice(["a", "ab", "z", "m", ""]),
                "flag": chance.random() < 0.5,
                "since": START + chance.randint(-10, 30) * 24 * HOUR,
            }
            event["facts"] = {name: value if chance.random() < 0.8 else None for name, value in values.items()}
        events.append(event)
    return events


class Tie:
    """The order of events of one instant and name: fact by fact as the machine's conditions name them."""

    def __init__(self, machine):
        self.literals = {}
        for transition in machine["transitions"]:
            for fact, literals in CONDITIONS.get(transition.get("when"), []):
                known = self.literals.setdefault(fact, [])
                known.extend(literal for literal in literals if literal not in known)

    def __call__(self, event):
        return [self.key(fact, (event["facts"] or {}).get(fact)) for fact in self.literals]

    def key(self, fact, value):
        if value is None:
            return (0,)
        if fact == "plan":
            literals = self.literals[fact]
            return (1, literals.index(value) if value in literals else -1)
        return (1, value.encode() if fact == "note" else value)


def truths(connection, cases, folder):
    """The truth of every condition for every event, by DuckDB itself."""
    file = folder / "facts.jsonl"
    with file.open("w") as lines:
        number = 0
        for _, events, _ in cases:
            for event in events:
                event["id"] = number
                number += 1
                row = stored(event)
                known = {"id": event["id"], "occurred_at": row["occurred_at"]}
                lines.write(json.dumps((row["facts"] or {}) | known) + "\n")
    columns = {"id": "BIGINT", "occurred_at": "TIMESTAMP"} | FACTS
    conditions = ", ".join(f"({condition})" for condition in CONDITIONS)
    answers = connection.execute(f"""
        SELECT {conditions} FROM read_json('{file}', format = 'newline_delimited', columns = {columns}) ORDER BY id
    """).fetchall()
    return [dict(zip(CONDITIONS, answer)) for answer in answers]


@pytest.fixture(scope="module")
def cases():
    chance = random.Random(20260122)
    return [
        (random_machine(chance), random_events(chance), START + chance.randint(0, 60 * 24) * HOUR) for _ in range(CASES)
    ]


@pytest.fixture(scope="module")
def expected(cases, tmp_path_factory):
    with open_database() as connection:
        truth = truths(connection, cases, tmp_path_factory.mktemp("journey"))
    return [
        reference.journey(
            events,
            reference.Machine(machine),
            as_of,
            lambda condition, event: truth[event["id"]][condition],
            Tie(machine),
        )
        for machine, events, as_of in cases
    ]


def stored(event):
    facts = event["facts"]
    if facts is not None:
        facts = facts | {"since": reference.iso(facts["since"])}
    return {"event": event["event"], "occurred_at": reference.iso(event["occurred_at"]), "facts": facts}


def answers(connection, folder, cases, facts):
    """What the extension answers, with facts of that type."""
    file = folder / "cases.jsonl"
    with file.open("w") as lines:
        for number, (machine, events, as_of) in enumerate(cases):
            case = {"machine": json.dumps(machine), "events": list(map(stored, events)), "as_of": reference.iso(as_of)}
            lines.write(json.dumps(case | {"number": number}) + "\n")
    columns = {
        "number": "BIGINT",
        "machine": "VARCHAR",
        "events": f"STRUCT(event VARCHAR, occurred_at TIMESTAMP, facts {facts})[]",
        "as_of": "TIMESTAMP",
    }
    rows = connection.execute(f"""
        SELECT to_json(plg_journey(events, machine, as_of))
        FROM read_json('{file}', format = 'newline_delimited', columns = {columns}) ORDER BY number
    """).fetchall()
    return [json.loads(text) for (text,) in rows]


STRUCT = "STRUCT(" + ", ".join(f"{name} {kind}" for name, kind in FACTS.items()) + ")"


@pytest.mark.parametrize("facts", [STRUCT, "JSON", "VARCHAR"], ids=["struct", "json", "text"])
def test_a_journey_is_what_the_slow_one_says(connection, tmp_path, cases, expected, facts):
    got = answers(connection, tmp_path, cases, facts)
    assert len(got) == CASES
    for case, ours, theirs in zip(cases, got, expected):
        assert ours == theirs, json.dumps(case)
    # The cases say something: whatever can happen does.
    for reason in got[0]["ignored"]:
        assert any(each["ignored"][reason] for each in got), reason
    for name in ["state", "previous_state", "paused_at", "remaining_days", "next_timeout_at", "next_state"]:
        assert {each[name] is None for each in got} == {True, False}, name


def test_the_order_of_the_list_does_not_matter(connection, tmp_path, cases):
    chance = random.Random(7)
    shuffled = [(machine, chance.sample(events, len(events)), as_of) for machine, events, as_of in cases]
    assert answers(connection, tmp_path, shuffled, STRUCT) == answers(connection, tmp_path, cases, STRUCT)


def test_later_events_change_nothing(connection, tmp_path, cases):
    def without_counts(results):
        return [{name: value for name, value in result.items() if name != "ignored"} for result in results]

    known = [
        (machine, [event for event in events if (event["occurred_at"] or 0) <= as_of], as_of)
        for machine, events, as_of in cases
    ]
    everything, before = answers(connection, tmp_path, cases, "JSON"), answers(connection, tmp_path, known, "JSON")
    assert without_counts(everything) == without_counts(before)


MACHINE = json.dumps({
    "name": "m",
    "initial": "A",
    "states": [{"name": "A"}, {"name": "B"}],
    "transitions": [{"on": "e", "do": "enrol"}, {"on": "e", "when": "n > 1", "to": "B"}],
})
AT = "TIMESTAMP '2026-01-01'"


def state(connection, events):
    query = f"SELECT plg_journey({events}, ?, TIMESTAMP '2026-02-01').state"
    return connection.execute(query, [MACHINE]).fetchone()[0]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ("{'n': 2}", "B"),
        ("{'N': 2.5::DECIMAL(4,1), 'other': [1]}", "B"),
        ("{'m': 2}", "A"),
        ("NULL", "A"),
        ("CAST(NULL AS STRUCT(n INTEGER))", "A"),
        ("CAST('{\"n\": 2}' AS JSON)", "B"),
        ("'{\"N\": 2}'", "B"),
        ("CAST('null' AS JSON)", "A"),
        ("'{}'", "A"),
    ],
)
def test_facts_may_be_stored_in_many_ways(connection, facts, expected):
    event = f"{{'event': 'e', 'occurred_at': {AT}, 'facts': {facts}}}"
    assert state(connection, f"[{event}, {event}]") == expected


def test_facts_may_be_absent_and_elements_null(connection):
    event = f"{{'event': 'e', 'occurred_at': {AT}}}"
    assert state(connection, f"[{event}, NULL, {event}]") == "A"
    with_facts = f"{{'event': 'e', 'occurred_at': {AT}, 'facts': {{'n': 2}}}}"
    assert state(connection, f"[NULL, {with_facts}, NULL, {with_facts}]") == "B"
    assert state(connection, "[NULL]") is None
    assert state(connection, "[]") is None


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ("{'n': 'x'}", "events[1].facts.n: must be a number"),
        ("7", "events[0].facts: must be an object"),
        ("'['", "events[0].facts: is not valid JSON"),
        ("'[1]'", "events[0].facts: must be an object"),
        ("'{\"n\": true}'", "events[0].facts.n: must be a number"),
        ("{'n': 9007199254740993}", "events[0].facts.n: is an integer beyond 2^53"),
    ],
)
def test_facts_that_do_not_fit_are_named(connection, facts, message):
    event = f"{{'event': 'e', 'occurred_at': {AT}, 'facts': {facts}}}"
    first = event.replace("'x'", "CAST(NULL AS VARCHAR)")
    with pytest.raises(Exception, match="plg.journey: ") as raised:
        state(connection, f"[{first}, {event}]")
    assert f"plg.journey: {message}" in str(raised.value)


def test_many_rows_of_different_lengths_keep_their_facts(connection):
    connection.execute(f"""
        CREATE TABLE many AS
        SELECT user_id, list(event ORDER BY k) AS events
        FROM (
            SELECT user_id, k, {{
                'event': 'e',
                'occurred_at': {AT} + INTERVAL (k) HOUR,
                'facts': {{'n': CASE WHEN k = 3 THEN user_id % 5 END}}
            }} AS event
            FROM range(5000) AS users(user_id), range(6) AS numbers(k)
            WHERE k <= user_id % 7
        )
        GROUP BY user_id
    """)
    wrong = connection.execute("""
        SELECT count(*) FROM many
        WHERE plg_journey(events, ?, TIMESTAMP '2026-02-01').state
            IS DISTINCT FROM CASE WHEN user_id % 7 >= 3 AND user_id % 5 > 1 THEN 'B' ELSE 'A' END
    """, [MACHINE]).fetchone()[0]
    assert wrong == 0
