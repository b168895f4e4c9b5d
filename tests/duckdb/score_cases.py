"""Random scoring models, histories and facts, and what the extension answers for them."""

import json

import score_reference as reference

HOUR, DAY = reference.HOUR, reference.DAY
START = 1_767_225_600_000_000  # 2026-01-01
EVENTS = ["signed_up", "upgrade_click", "page_view", "key_action", "invite_sent", "gelöscht ✓", "cancelled", "downgraded"]
BUCKETS = ["activation", "intent", "Tiefe", "negative", "churn"]
USERS = ["anna", "bert", "Zoë", "\uff5e", "\U0001f600", "7", "a", ""]
ROLES = ["admin", "owner", "workspace_admin", "manager", "student"]
PERSONAS = ["champion", "economic buyer", "Fan", "user"]
STAGES = ["Hot PQL", "PQL", "Wärme", "Rest"]
DAYS = [0.5, 1, 1, 3, 7, 14, 30, 1 / 24]
DECAY_DAYS = [0.25, 1, 7, 7, 14, 21.5, 30, 365, 0.001]
POINTS = [1, 2, 3, 8, 15, 0.1, 2.5, 1 / 3, 40, 0.0001]
# Quarters, whose halves of tenths are exact; or tenths, which no double is, and which make no halves of tenths.
COUNTS = [
    [None, None, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 0.0, 0.5, 1.25, 12.0, 250.0],
    [None, None, 1.0, 1.0, 2.0, 5.0, 0.5, 0.1, 1.7, 12.3],
]


# Conditions as text and as a function of facts and point of view; the former means what the latter does.
def compared(fact, test):
    return lambda facts, as_of: None if facts.get(fact) is None else test(facts[fact])


def both(left, right):
    def truth(facts, as_of):
        truths = [left(facts, as_of), right(facts, as_of)]
        return False if False in truths else None if None in truths else True

    return truth


def either(left, right):
    def truth(facts, as_of):
        truths = [left(facts, as_of), right(facts, as_of)]
        return True if True in truths else None if None in truths else False

    return truth


CONDITIONS = {
    "seats >= 5": compared("seats", lambda seats: seats >= 5),
    "seats < 2.5": compared("seats", lambda seats: seats < 2.5),
    "seats between 2 and 9": compared("seats", lambda seats: 2 <= seats <= 9),
    "days_left between 0 and 3": compared("days_left", lambda days: 0 <= days <= 3),
    "days_left <> 3": compared("days_left", lambda days: days != 3),
    "plan = 'pro'": compared("plan", lambda plan: plan == "pro"),
    "plan in ('pro', 'team', 'Büro')": compared("plan", lambda plan: plan in ("pro", "team", "Büro")),
    "plan not in ('free')": compared("plan", lambda plan: plan != "free"),
    "is_known": compared("is_known", lambda known: known),
    "not is_known": compared("is_known", lambda known: not known),
    "plan is null": lambda facts, as_of: facts.get("plan") is None,
    "seats is not null": lambda facts, as_of: facts.get("seats") is not None,
    "is_known is not true": lambda facts, as_of: facts.get("is_known") is not True,
}
CONDITIONS["since <= as_of - interval 3 days"] = lambda facts, as_of: (
    None if facts.get("since") is None else facts["since"] <= as_of - 3 * DAY
)
CONDITIONS["seats >= 5 and is_known"] = both(CONDITIONS["seats >= 5"], CONDITIONS["is_known"])
CONDITIONS["plan = 'pro' or days_left between 0 and 3"] = either(
    CONDITIONS["plan = 'pro'"], CONDITIONS["days_left between 0 and 3"]
)


def some(chance, values, least=0):
    return chance.sample(values, chance.randint(least, len(values)))


def maybe(chance, likely, **fields):
    return fields if chance.random() < likely else {}


def condition(chance):
    return chance.choice(list(CONDITIONS))


def timeless_condition(chance):
    """Rules of fit do not ask what day it is."""
    return chance.choice([text for text in CONDITIONS if "as_of" not in text])


def random_decay(chance):
    kind = chance.choice(["exponential", "exponential", "half_life", "linear", "none"])
    return {"kind": kind} if kind == "none" else {"kind": kind, "days": chance.choice(DECAY_DAYS)}


def random_bucket(chance, buckets, sign):
    return chance.choice([bucket["name"] for bucket in buckets if bool(bucket.get("negative")) == (sign < 0)])


def random_event(chance, name, buckets):
    sign = chance.choice([1, 1, 1, -1])
    if all(bucket.get("negative") for bucket in buckets) or not any(bucket.get("negative") for bucket in buckets):
        sign = -1 if buckets[0].get("negative") else 1
    label = {"one": f"{name} ①", "other": f"{name} ②"}
    return (
        {"event": name, "bucket": random_bucket(chance, buckets, sign), "scope": chance.choice(["user", "workspace"])}
        | {"points": sign * chance.choice(POINTS), "decay": random_decay(chance)}
        | maybe(chance, 0.3, per="day")
        | maybe(chance, 0.5, cap={"points": chance.choice([1, 3, 6, 10, 7.25, 0.3, 100]), "days": chance.choice(DAYS)})
        | maybe(chance, 0.3, label=label)
        | maybe(chance, 0.2, key=chance.random() < 0.5)
    )


def random_states(chance, buckets):
    states = []
    for number in range(chance.randint(0, 3)):
        bucket = chance.choice(buckets)
        points = chance.choice(POINTS) * (-1 if bucket.get("negative") else 1)
        state = {"state": f"state_{number}", "bucket": bucket["name"], "points": points, "when": condition(chance)}
        states.append(state | {"reason": f"Zustand {number}"})
    return states


def random_stages(chance, names, highest):
    bounds = sorted(chance.sample([0.5, 1, 2, 4, 7.5, 10, 20, 35, 50, 65, 75, 80, 99], len(names)), reverse=True)
    stages = [{"name": name, "at_least": bound} for name, bound in zip(names, bounds) if bound <= highest]
    return stages + [{"name": "the rest"}] if chance.random() < 0.7 else stages or [{"name": "the rest"}]


def random_fit(chance, buckets):
    rules = [
        {"rule": f"rule_{number}", "weight": chance.choice([10, 25, 1.5, 30, 7]), "when": timeless_condition(chance)}
        for number in range(chance.randint(1, 4))
    ]
    tiers = random_stages(chance, ["Gold", "Silver"], 100)
    tiers = tiers if "at_least" not in tiers[-1] else [*tiers, {"name": "Bronze"}]
    return (
        {"bucket": random_bucket(chance, buckets, 1), "rules": rules}
        | maybe(chance, 0.3, minimum_known=chance.choice([0, 0.25, 0.75, 1]))
        | maybe(chance, 0.3, tiers=tiers)
        | maybe(chance, 0.3, points=chance.choice([5, 10, 20, 33]))
    )


def random_model(chance):
    names = some(chance, BUCKETS, 1)
    buckets = [
        {"name": name, "negative": True}
        if name in ("negative", "churn")
        else {"name": name, "max": chance.choice([1, 5, 20, 25, 60, 100, 0.7])}
        for name in names
    ]
    positive = any("max" in bucket for bucket in buckets)
    negative = any("negative" in bucket for bucket in buckets)
    events = [random_event(chance, name, buckets) for name in some(chance, EVENTS, 1)]
    milestones = [
        {"milestone": f"Schritt {number}", "when": condition(chance), "channel": chance.choice(["in_app", "email"])}
        for number in range(chance.randint(0, 3))
    ]
    model = {"name": chance.choice(["m", "Modell ✓"]), "version": chance.choice(["1", "2026-01"]), "buckets": buckets}
    model |= {"events": events, "on_missing": "null"}
    model |= maybe(chance, 0.6, horizon_days=chance.choice([1, 7, 30, 90.5]))
    roles = {role: chance.choice([0, 0.6, 1, 1, 1.2, 1.3, 3]) for role in some(chance, ROLES)}
    model |= maybe(chance, 0.8, roles=roles)
    model |= maybe(chance, 0.8, other_role=chance.choice([0, 0.6, 0.6, 1, 1.1]))
    model |= maybe(chance, 0.6, admin_roles=some(chance, list(model.get("roles", []))))
    model |= maybe(chance, 0.4, champion_personas=some(chance, PERSONAS))
    model |= maybe(chance, 0.8, states=random_states(chance, buckets))
    model |= maybe(chance, 0.7, milestones=milestones)
    model |= maybe(chance, 0.8, stages=random_stages(chance, STAGES[:3], 99))
    model |= maybe(chance, 0.5, stage_margin=chance.choice([0, 1.5, 10]))
    if positive:
        model |= maybe(chance, 0.7, fit=random_fit(chance, buckets))
    if negative:
        spam = {"per_hour": chance.choice([2, 3, 5, 2.5, 100]), "points": -chance.choice(POINTS), "decay": random_decay(chance)}
        model |= maybe(chance, 0.6, spam=spam | {"bucket": random_bucket(chance, buckets, -1)})
    listed = [event["event"] for event in events]
    gate = {"events": some(chance, listed), "admin_key_events": chance.random() < 0.5, "days": chance.choice(DAYS)}
    return model | maybe(chance, 0.7, gate=gate)


def random_times(chance, model, as_of):
    """A few points in time on and beside every boundary there is."""
    caps = [event["cap"]["days"] for event in model["events"] if "cap" in event]
    spans = [*caps, model.get("horizon_days", 365), model.get("gate", {}).get("days", 1), 0, 1, 7]
    times = []
    for _ in range(chance.randint(1, 8)):
        base = chance.choice([as_of, *times])
        if chance.random() < 0.5:
            time = base - round(chance.choice(spans) * DAY) + chance.choice([0, 0, 0, 1, -1])
        else:
            time = as_of - chance.choice([chance.randint(0, 3 * DAY), chance.randint(0, 40) * DAY // 2])
            time -= chance.choice([0, time % HOUR, time % DAY, time % DAY + 1])
        times.append(time)
        if chance.random() < 0.3:
            times += [time + chance.randint(0, HOUR), time // HOUR * HOUR + HOUR - 1, time // HOUR * HOUR + HOUR]
    return times + maybe(chance, 0.2, after=[as_of + 1, as_of + DAY]).get("after", [])


def random_rows(chance, model, as_of):
    listed = [event["event"] for event in model["events"]]
    users = chance.sample(USERS, chance.randint(1, 4))
    times = random_times(chance, model, as_of)
    # Few of each, so that rows meet in hours, days and windows.
    names = chance.sample(listed, min(len(listed), chance.randint(1, 4)))
    counts = chance.choice(COUNTS)
    rows = []
    for _ in range(chance.choice([0, 1, 3, 10, 25, 25, 40])):
        if chance.random() < 0.01:
            rows.append(None)
            continue
        row = {"user_id": chance.choice(users), "event": chance.choice(names), "occurred_at": chance.choice(times)}
        if chance.random() < 0.1:
            row[chance.choice(list(row))] = None
        elif chance.random() < 0.05:
            row["event"] = chance.choice([*EVENTS, "unknown", ""])
        row["count"] = chance.choice(counts)
        if chance.random() < 0.25:
            row["max_per_hour"] = chance.choice([-1.0, 0.0, 1.0, 2.0, 4.0, 4.5, 5.0, 99.0, 100.0, 120.0])
        rows.append(row)
    return rows


def random_users(chance):
    users = []
    for _ in range(chance.choice([0, 1, 2, 4, 6])):
        user = {"user_id": chance.choice(USERS) if chance.random() < 0.95 else None}
        user["role"] = chance.choice([*ROLES, *ROLES, "unknown", None])
        user["persona"] = chance.choice([*PERSONAS, "unknown", None, None, None])
        users.append(user if chance.random() < 0.98 else None)
    return users


def random_facts(chance, as_of):
    if chance.random() < 0.1:
        return None
    values = {
        "seats": chance.choice([0, 2, 2.5, 5, 9, 100]),
        "days_left": chance.choice([-1, 0, 1.5, 3, 3.0001]),
        "plan": chance.choice(["free", "pro", "team", "Büro", ""]),
        "is_known": chance.random() < 0.5,
        "since": as_of - chance.choice([0, 3 * DAY, 3 * DAY - 1, 9 * DAY]),
    }
    facts = {name: value for name, value in values.items() if chance.random() < 0.85}
    return {name: value if chance.random() < 0.85 else None for name, value in facts.items()}


def random_before(chance, model):
    """Contributions as an earlier result may have had them, or none; rarely one of them in two parts."""
    if chance.random() < 0.3:
        return None
    parts = [(event["bucket"], event["event"]) for event in model["events"]]
    parts += [(state["bucket"], state["state"]) for state in model.get("states", [])]
    parts += [(bucket["name"], "limit") for bucket in model["buckets"]] + [("limit", "limit")]
    parts += [("gone", "b"), ("gone", "\uff5e"), ("gone", "\U0001f600"), ("Gone", "z"), ("", "")]
    return [
        {"bucket": bucket, "code": code, "points": chance.choice([0.0, 1.0, -3.0, 2.5, 20.0, -(2.0**-32)])}
        for bucket, code in some(chance, parts + parts[:1])
    ]


def random_case(chance, model):
    as_of = START + chance.randint(0, 300) * DAY + chance.choice([0, chance.randint(0, 23) * HOUR, chance.randint(0, DAY)])
    return {
        "users": random_users(chance),
        "events": random_rows(chance, model, as_of),
        "facts": random_facts(chance, as_of),
        "before": random_before(chance, model),
        "previous_stage": chance.choice([*STAGES, "the rest", "no such stage", None, None]),
        "role": chance.choice([*ROLES, "unknown", None]),
        "as_of": as_of,
    }


COLUMNS = {
    "number": "BIGINT",
    "users": "STRUCT(user_id VARCHAR, role VARCHAR, persona VARCHAR)[]",
    "events": 'STRUCT(user_id VARCHAR, event VARCHAR, occurred_at TIMESTAMP, "count" DOUBLE, max_per_hour DOUBLE)[]',
    "facts": "JSON",
    "before": "STRUCT(bucket VARCHAR, code VARCHAR, points DOUBLE)[]",
    "previous_stage": "VARCHAR",
    "role": "VARCHAR",
    "as_of": "TIMESTAMP",
}
WORKSPACE = """plg_score_workspace(
    users, events, plg_model_states(facts, $model, as_of), before, previous_stage, $model, as_of
)"""
EVENTS_OF_ONE = "plg_score_events(events, role, $model, as_of)"


def stored(number, case):
    row = case | {"number": number, "as_of": reference.iso(case["as_of"])}
    row["events"] = [each and each | {"occurred_at": reference.iso(each["occurred_at"])} for each in case["events"]]
    if case["facts"] and case["facts"].get("since") is not None:
        row["facts"] = case["facts"] | {"since": reference.iso(case["facts"]["since"])}
    return json.dumps(row)


def load(connection, folder, cases):
    """Puts the cases into the table `cases`."""
    file = folder / "cases.jsonl"
    file.write_text("\n".join(stored(number, case) for number, case in enumerate(cases)) + "\n")
    connection.execute(f"""
        CREATE OR REPLACE TABLE cases AS
        SELECT * FROM read_json('{file}', format = 'newline_delimited', columns = {COLUMNS})
    """)


def answers(connection, model, call):
    """The results of the call for the loaded cases, as JSON texts in order."""
    query = f"SELECT to_json({call}) FROM cases ORDER BY number"
    return [text for (text,) in connection.execute(query, {"model": json.dumps(model)}).fetchall()]


def truths(model, case):
    if case["facts"] is None:
        return None

    def of(entries):
        return [CONDITIONS[entry["when"]](case["facts"], case["as_of"]) for entry in entries]

    return {
        "states": of(model.get("states", [])),
        "fit": of(model["fit"]["rules"] if "fit" in model else []),
        "milestones": of(model.get("milestones", [])),
    }


def expected_workspace(model, case):
    arguments = [case["users"], case["events"], truths(model, case), case["before"], case["previous_stage"]]
    return reference.score_workspace(*arguments, reference.Model(model), case["as_of"])


def expected_events(model, case):
    return reference.score_events(case["events"], case["role"], reference.Model(model), case["as_of"])
