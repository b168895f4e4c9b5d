"""Scores a second time, slowly, from docs/semantics.md, "Scoring": what `score_workspace` and `score_events` answer.

Points are whole numbers of 2^-32, counts whole numbers of 2^-16, points in time microseconds since 1970. Conditions are the
caller's: a truth is True, False or None.
"""

import math
from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

EPOCH = datetime(1970, 1, 1)
HOUR = 3_600_000_000
DAY = 24 * HOUR
POINT = 2**32
OCCURRENCE = 2**16
TIERS = [{"name": "A", "at_least": 75}, {"name": "B", "at_least": 50}, {"name": "C"}]
WORKSPACE_IGNORED = [
    "no_event",
    "no_timestamp",
    "unknown_event",
    "after_as_of",
    "older_than_horizon",
    "same_day",
    "over_cap",
    "in_loop",
    "no_user",
    "not_selected",
    "users",
]
NOBODY = "Nobody is an admin or a champion: no user's own events count"


# The exponential is part of the contract to the last bit: Tang's method as the head of src/exponential.rs describes it. Its
# constants are not copied but computed, from sixty digits.
ROUND_SHIFT = 1.5 * 2.0**52


def constants():
    with localcontext() as context:
        context.prec = 60
        ln2 = Decimal(2).ln()
        powers = []
        for i in range(64):
            exact = Decimal(2) ** (Decimal(i) / 64)
            power = float(exact)
            powers.append((power, float((exact - Decimal(power)) / exact)))
        # Its last 22 bits are zeros: 31 of the 53 remain.
        mantissa, exponent = math.frexp(float(ln2 / 64))
        high = math.ldexp(math.floor(mantissa * 2**31), exponent - 31)
        return powers, float(64 / ln2), high, float(ln2 / 64 - Decimal(high)), float(ln2)


POWERS, SIXTY_FOUR_OVER_LN2, LN2_64_HIGH, LN2_64_LOW, LN2 = constants()


def exp_neg(factor, x):
    """`factor * e^-x` for x >= 0."""
    if x > 746:
        return 0.0
    k = (x * -SIXTY_FOUR_OVER_LN2 + ROUND_SHIFT) - ROUND_SHIFT
    return scaled(factor, int(k), (x + k * LN2_64_HIGH) + k * LN2_64_LOW)


def exp2_neg(factor, x):
    """`factor * 2^-x` for x >= 0."""
    if x > 1076:
        return 0.0
    k = (x * -64.0 + ROUND_SHIFT) - ROUND_SHIFT
    return scaled(factor, int(k), (x + k * (1.0 / 64.0)) * LN2)


def scaled(factor, k, s):
    """`factor * 2^(k/64) e^-s`, with the polynomial's terms in the order that the method fixes."""
    power, tail = POWERS[k % 64]
    whole, half = k // 64, k // 128
    scale = factor * math.ldexp(power, half)
    square = s * s
    small = square * (0.5 - s * (1.0 / 6.0)) + square * square * (1.0 / 24.0 - s * (1.0 / 120.0))
    return (scale + scale * ((tail - s) + small)) * math.ldexp(1.0, whole - half)


def share_left(decay, age):
    """The share that is left after `age` microseconds."""
    age_days = age / DAY
    match decay["kind"]:
        case "exponential":
            return exp_neg(1.0, age_days / decay["days"])
        case "half_life":
            return exp2_neg(1.0, age_days / decay["days"])
        case "linear":
            return max(0.0, 1.0 - age_days / decay["days"])
        case "none":
            return 1.0


def in_points(number):
    """A double as the nearest multiple of 2^-32, ties to even."""
    return round(number * POINT)


def in_occurrences(number):
    return round(number * OCCURRENCE)


def microseconds(days):
    return round(days * DAY)


def iso(time):
    return None if time is None else (EPOCH + timedelta(microseconds=time)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def tenths(number):
    """In tenths, rounded half away from zero, without sign."""
    whole = math.floor(abs(number) * 10 + Fraction(1, 2))
    return f"{whole // 10}.{whole % 10}"


def signed(points):
    digits = tenths(Fraction(points, POINT))
    return f"{'-' if points < 0 and digits != '0.0' else '+'}{digits}"


def counted(count):
    return str(int(count)) if count == int(count) else tenths(Fraction(count))


def in_the_last(age):
    days = max(1, -(-age // DAY))
    return "in the last day" if days == 1 else f"in the last {days} days"


def how_many(count, label):
    return f"{counted(count)} {label['one' if count == 1 else 'other']}"


class Model:
    """A model's JSON with its defaults."""

    def __init__(self, json):
        self.json = json
        self.name, self.version = json["name"], json["version"]
        self.horizon = microseconds(json.get("horizon_days", 365))
        self.buckets = json["buckets"]
        self.negative = {bucket["name"] for bucket in self.buckets if bucket.get("negative")}
        self.rules = [Rule(event) for event in json["events"]]
        self.by_event = {rule.event: rule for rule in self.rules}
        self.roles = json.get("roles", {})
        self.other_role = json.get("other_role", 1)
        self.admin_roles = json.get("admin_roles", [role for role in self.roles if role == "workspace_admin"])
        self.champion_personas = json.get("champion_personas", ["champion", "economic buyer"])
        self.states = json.get("states", [])
        self.fit = json.get("fit")
        self.milestones = json.get("milestones", [])
        self.spam = json.get("spam")
        self.gate = json.get("gate")
        self.stages = json.get("stages", [])
        self.stage_margin = json.get("stage_margin", 0)

    def factor(self, role):
        return self.roles.get(role, self.other_role)


class Rule:
    def __init__(self, event):
        self.event, self.bucket, self.points = event["event"], event["bucket"], event["points"]
        self.of_user = event["scope"] == "user"
        self.per_day = event.get("per") == "day"
        self.cap, self.decay = event.get("cap"), event["decay"]
        spaced = self.event.replace("_", " ")
        self.label = event.get("label", {"one": spaced, "other": spaced + "s"})


class Row:
    """What counts of a row of events; `count` shrinks from step to step."""

    def __init__(self, user, rule, time, count, per_hour):
        self.user, self.rule, self.time, self.count = user, rule, time, count
        self.per_hour = per_hour if per_hour is not None and per_hour >= 0 else None


class Ignored:
    def __init__(self):
        self.counts = defaultdict(int)

    def add(self, reason, count):
        self.counts[reason] += in_occurrences(count)

    def result(self, reasons):
        return {reason: self.counts[reason] / OCCURRENCE for reason in reasons}


class Part:
    """What one rule contributes: points, a count, and when the oldest and the last were of what it counts."""

    def __init__(self, bucket, code):
        self.bucket, self.code, self.points, self.count, self.oldest, self.last = bucket, code, 0, 0.0, None, None
        self.counts = []
        self.sentence = None

    def add(self, points, count, time):
        self.points += points
        self.count += count
        self.counts.append(count)
        self.oldest = time if self.oldest is None else min(self.oldest, time)
        self.last = time if self.last is None else max(self.last, time)


def contribution(bucket, code, points, count=1):
    return {"bucket": bucket, "code": code, "points": points / POINT, "count": float(count)}


# 1. What counts.
def rows_that_count(events, model, as_of, ignored):
    rows = []
    for event in events:
        event = event or {}
        count = event.get("count")
        count = 1.0 if count is None else count
        assert 0 <= count < math.inf
        if count == 0:
            continue
        rule, time = model.by_event.get(event.get("event")), event.get("occurred_at")
        if event.get("event") is None:
            ignored.add("no_event", count)
        elif rule is None:
            ignored.add("unknown_event", count)
        elif time is None:
            ignored.add("no_timestamp", count)
        elif time > as_of:
            ignored.add("after_as_of", count)
        elif time < as_of - model.horizon:
            ignored.add("older_than_horizon", count)
        elif rule.of_user and event.get("user_id") is None:
            ignored.add("no_user", count)
        else:
            rows.append(Row(event.get("user_id"), rule, time, count, event.get("max_per_hour")))
    return rows


# 3. Loops.
def without_loops(rows, spam, ignored):
    """What is left of the rows, and the last time of every loop."""
    if spam is None:
        return rows, []
    most = spam["per_hour"] - 1
    loops, left, hours = [], [], defaultdict(list)
    for row in rows:
        if row.user is None:
            left.append(row)
        elif row.per_hour is None:
            hours[row.user, row.rule.event, row.time // HOUR].append(row)
        elif row.per_hour < spam["per_hour"]:
            left.append(row)
        else:
            loops.append(row.time)
            lost = min(row.count, row.per_hour - most)
            left += reduced(row, row.count - lost)
            ignored.add("in_loop", lost)
    for group in hours.values():
        if sum(in_occurrences(row.count) for row in group) < spam["per_hour"] * OCCURRENCE:
            left += group
            continue
        group.sort(key=lambda row: (row.time, row.count))
        loops.append(group[-1].time)
        room = most
        for row in group:
            scoring = min(row.count, room)
            room -= scoring
            ignored.add("in_loop", row.count - scoring)
            left += reduced(row, scoring)
    return left, loops


def reduced(row, count):
    row.count = count
    return [row] if count > 0 else []


# 5. Distinct days.
def first_of_days(rows, ignored):
    seen, left = set(), []
    for row in rows:
        if (row.user, row.time // DAY) in seen:
            ignored.add("same_day", row.count)
            continue
        seen.add((row.user, row.time // DAY))
        ignored.add("same_day", max(0.0, row.count - 1))
        row.count = 1.0
        left.append(row)
    return left


# 6. Cap.
def awards(rows, rule):
    """The rows, in order, each with its award without sign."""
    given = []
    for row in rows:
        award = in_points(abs(rule.points) * row.count)
        if rule.cap:
            start = row.time - microseconds(rule.cap["days"])
            used = sum(earlier for time, earlier in given if time > start)
            award = min(award, max(0, in_points(rule.cap["points"]) - used))
        given.append((row.time, award))
    return [award for _, award in given]


# 4 to 9 for the rows of one rule, of one user where the rule is of user scope.
def part_of_rule(rows, rule, factor, as_of, ignored, part):
    rows = sorted(rows, key=lambda row: (row.time, row.count))
    if rule.per_day:
        rows = first_of_days(rows, ignored)
    for row, award in zip(rows, awards(rows, rule)):
        if award == 0:
            ignored.add("over_cap", row.count)
            continue
        points = math.copysign(award / POINT, rule.points) * factor * share_left(rule.decay, as_of - row.time)
        part.add(in_points(points), row.count, row.time)


def limited(bucket, points):
    """13, for a bucket."""
    return min(points, 0) if bucket.get("negative") else max(0, min(points, in_points(bucket["max"])))


class People:
    """The users of a workspace by id, those included who are only seen in rows."""

    def __init__(self, users, events, model, ignored):
        self.factors, self.admins, self.champions = {}, set(), set()
        for user in users:
            user = user or {}
            name = user.get("user_id")
            if name is None or name in self.factors:
                ignored.add("users", 1)
            if name is None:
                continue
            self.factors[name] = max(model.factor(user.get("role")), self.factors.get(name, 0))
            if user.get("role") in model.admin_roles:
                self.admins.add(name)
            if user.get("persona") in model.champion_personas:
                self.champions.add(name)
        for event in events:
            if event and event.get("user_id") is not None:
                self.factors.setdefault(event["user_id"], model.other_role)
        if not self.champions:
            self.champions = {name for name, factor in self.factors.items() if factor >= 1}

    def candidates(self):
        return self.admins | self.champions


def stage_of(score, stages, previous, margin):
    """14."""
    reached = next((n for n, each in enumerate(stages) if "at_least" not in each or score >= each["at_least"]), len(stages))
    for stage in stages[:reached]:
        if stage["name"] == previous and score >= stage["at_least"] - margin:
            return previous
    return stages[reached]["name"] if reached < len(stages) else None


def fit_of(fit, truths):
    """Score and tier; None for both where the fit is uncertain."""
    weights = [rule["weight"] for rule in fit["rules"]]
    known = sum(weight for weight, truth in zip(weights, truths) if truth is not None)
    if known < fit.get("minimum_known", 0.5) * sum(weights):
        return None, None
    score = 100.0 * sum(weight for weight, truth in zip(weights, truths) if truth) / sum(weights)
    return score, stage_of(score, fit.get("tiers", TIERS), None, 0)


def last_high_intent(rows, model, people):
    """18."""
    gate = model.gate or {}
    times = [
        row.time
        for row in rows
        if row.rule.event in gate.get("events", [])
        or (gate.get("admin_key_events") and row.rule.bucket not in model.negative and row.user in people.admins)
    ]
    return max(times, default=None)


def changes(contributions, before):
    """16. Points of the same bucket and code in `before` are one contribution; no earlier result had none."""
    old = defaultdict(int)
    for each in before or []:
        old[each["bucket"], each["code"]] += in_points(each["points"])
    compared = []
    for each in contributions:
        points = in_points(each["points"])
        compared.append((each["bucket"], each["code"], old.pop((each["bucket"], each["code"]), 0), points))
    gone = sorted(old.items(), key=lambda item: (item[0][0].encode(), item[0][1].encode()))
    compared += [(bucket, code, points, 0) for (bucket, code), points in gone]
    return [
        {
            "bucket": bucket,
            "code": code,
            "points_before": earlier / POINT,
            "points_after": now / POINT,
            "delta": (now - earlier) / POINT,
        }
        for bucket, code, earlier, now in compared
        if earlier != now
    ]


class Summary:
    """12, 13 and 15: parts in model order make contributions, components and reasons."""

    def __init__(self, model, parts, as_of):
        sums = defaultdict(int)
        for part in parts:
            sums[part.bucket] += part.points
        self.contributions = [
            contribution(part.bucket, part.code, part.points, part.count) for part in parts
        ]
        self.components = []
        total = 0
        for bucket in model.buckets:
            name = bucket["name"]
            points = limited(bucket, sums[name])
            self.limit(name, points - sums[name])
            self.components.append({"bucket": name, "points": points / POINT})
            total += points
        clamped = max(0, min(total, 100 * POINT))
        if clamped != total:
            self.limit("limit", clamped - total)
            self.components.append({"bucket": "limit", "points": (clamped - total) / POINT})
        self.total = clamped / POINT
        largest = sorted((part for part in parts if part.points), key=lambda part: -abs(part.points))[:3]
        self.reasons = [
            {
                "code": part.code,
                "sentence": f"{part.sentence}: {signed(part.points)}",
                "points": part.points / POINT,
                "count": part.count,
                "last_at": iso(part.last),
            }
            for part in largest
        ]

    def limit(self, bucket, points):
        if points:
            self.contributions.append(contribution(bucket, "limit", points))


def parts_of_rules(rows, model, factors, as_of, ignored):
    """A part for each rule (and user, where the rule is of user scope) of which a row was awarded something."""
    groups = defaultdict(list)
    for row in rows:
        groups[row.rule.event, row.user if row.rule.of_user else None].append(row)
    parts = {}
    for (event, user), group in groups.items():
        rule = model.by_event[event]
        part = Part(rule.bucket, event)
        part_of_rule(group, rule, factors[user] if rule.of_user else 1.0, as_of, ignored, part)
        if part.count:
            part.sentence = f"{how_many(part.count, rule.label)} {in_the_last(as_of - part.oldest)}"
            parts[event, user] = part
    return parts


def part_of_loops(loops, model, as_of):
    part = Part(model.spam["bucket"], "event_loop")
    part.count, part.last = float(len(loops)), max(loops)
    part.points = in_points(model.spam["points"] * share_left(model.spam["decay"], as_of - part.last))
    label = {"one": "event loop", "other": "event loops"}
    part.sentence = f"{how_many(part.count, label)} {in_the_last(as_of - min(loops))}"
    return part


def selected(people, model, parts):
    """10."""
    sums = {name: defaultdict(int) for name in people.candidates()}
    for (event, user), part in parts.items():
        if user in sums and model.by_event[event].of_user:
            sums[user][part.bucket] += part.points

    def rank(name):
        return -sum(limited(bucket, sums[name][bucket["name"]]) for bucket in model.buckets), name.encode()

    return min(sums, key=rank, default=None)


def score_workspace(users, events, truths, before, previous_stage, model, as_of):
    """`truths` are lists of truths by `states`, `fit` and `milestones`; None where no fact is known."""
    ignored = Ignored()
    known = truths is not None
    if not known:
        truths = {"states": [None] * len(model.states), "fit": [None] * len(model.fit["rules"] if model.fit else [])}
    people = People(users, events, model, ignored)
    counting = rows_that_count(events, model, as_of, ignored)
    high_intent = last_high_intent(counting, model, people)
    rows, loops = without_loops(counting, model.spam, ignored)
    by_rule = parts_of_rules(rows, model, people.factors, as_of, ignored)
    user = selected(people, model, by_rule)

    parts = []
    for rule in model.rules:
        if not rule.of_user and (rule.event, None) in by_rule:
            parts.append(by_rule[rule.event, None])
        elif rule.of_user and user is not None and (rule.event, user) in by_rule:
            parts.append(by_rule[rule.event, user])
    for (event, name), part in by_rule.items():
        if model.by_event[event].of_user and name != user:
            for count in part.counts:
                ignored.add("not_selected", count)
    for state, truth in zip(model.states, truths["states"]):
        if truth:
            part = Part(state["bucket"], state["state"])
            part.points, part.count, part.sentence = in_points(state["points"]), 1.0, state["reason"]
            parts.append(part)
    fit_score, fit_tier = fit_of(model.fit, truths["fit"]) if model.fit else (None, None)
    if fit_score is not None:
        part = Part(model.fit["bucket"], "fit")
        part.points = in_points(fit_score * model.fit.get("points", 10) / 100)
        part.count = float(sum(truth is True for truth in truths["fit"]))
        part.sentence = f"Fit {fit_tier}, {tenths(Fraction(fit_score))} of 100"
        parts.append(part)
    if loops:
        parts.append(part_of_loops(loops, model, as_of))

    summary = Summary(model, parts, as_of)
    reasons = summary.reasons
    if user is None:
        reasons.append({"code": "no_eligible_user", "sentence": NOBODY, "points": 0.0, "count": 0.0, "last_at": None})
    action = None
    if known:
        reached = zip(model.milestones, truths["milestones"])
        action = next((milestone for milestone, truth in reached if not truth), None)
    flags = [("event_loop", loops), ("fit_uncertain", model.fit and fit_score is None), ("no_eligible_user", user is None)]
    gate_opens = high_intent is not None and high_intent >= as_of - microseconds(model.gate["days"])
    return {
        "model": model.name,
        "version": model.version,
        "total": summary.total,
        "stage": stage_of(summary.total, model.stages, previous_stage, model.stage_margin),
        "components": summary.components,
        "contributions": summary.contributions,
        "top_reasons": reasons,
        "changes": changes(summary.contributions, before),
        "selected_user": user,
        "next_best_action": action and action["milestone"],
        "next_best_action_channel": action and action["channel"],
        "fit_score": fit_score,
        "fit_tier": fit_tier,
        "is_gate_open": gate_opens,
        "last_high_intent_at": iso(high_intent),
        "flags": [flag for flag, applies in flags if applies],
        "ignored": ignored.result(WORKSPACE_IGNORED),
    }


def score_events(events, role, model, as_of):
    """The rows are those of one user."""
    ignored = Ignored()
    events = [(event or {}) | {"user_id": "the user"} for event in events]
    counting = rows_that_count(events, model, as_of, ignored)
    rows, loops = without_loops(counting, model.spam, ignored)
    by_rule = parts_of_rules(rows, model, {"the user": model.factor(role)}, as_of, ignored)
    users = ["the user", None]
    parts = [by_rule[rule.event, user] for rule in model.rules for user in users if (rule.event, user) in by_rule]
    if loops:
        parts.append(part_of_loops(loops, model, as_of))
    summary = Summary(model, parts, as_of)
    return {
        "model": model.name,
        "version": model.version,
        "total": summary.total,
        "stage": stage_of(summary.total, model.stages, None, 0),
        "components": summary.components,
        "contributions": summary.contributions,
        "top_reasons": summary.reasons,
        "ignored": ignored.result(WORKSPACE_IGNORED[: WORKSPACE_IGNORED.index("no_user")]),
    }
