"""What holds of every score, whatever the model: shown on the extension's own answers, without a second implementation."""

import json
import random

import pytest
import score_cases as cases_of
import score_reference as reference

DAY, POINT = reference.DAY, reference.POINT
MODELS = 40
AS_OF = cases_of.START + 200 * DAY


def results(connection, folder, model, cases, call=cases_of.WORKSPACE):
    cases_of.load(connection, folder, cases)
    return [json.loads(text) for text in cases_of.answers(connection, model, call)]


def case(events, users=(), as_of=AS_OF):
    known = {"users": list(users), "events": events, "as_of": as_of}
    return dict.fromkeys(["facts", "before", "previous_stage", "role"]) | known


def row(event, time, count=1.0, user="anna"):
    return {"user_id": user, "event": event, "occurred_at": time, "count": count}


def positive_rules(model):
    return [event for event in model["events"] if event["points"] > 0]


ADMIN = {"user_id": "anna", "role": "admin"}


def test_a_lone_positive_event_never_scores_less_for_being_more_recent(connection, tmp_path):
    chance = random.Random(1)
    scores = 0
    for _ in range(MODELS):
        model = cases_of.random_model(chance) | {"roles": {"admin": 1.3}, "admin_roles": ["admin"]}
        for event in positive_rules(model):
            ages = [chance.choice([0, 1, DAY, chance.randint(0, 5 * DAY), chance.randint(0, 400 * DAY)]) for _ in range(60)]
            lone = [case([row(event["event"], AS_OF - age)], [ADMIN]) for age in sorted(ages, reverse=True)]
            totals = [result["total"] for result in results(connection, tmp_path, model, lone)]
            assert totals == sorted(totals), event
            scores += len(set(totals))
    assert scores > MODELS * 10


def test_no_window_ever_holds_more_awarded_points_than_its_cap(connection, tmp_path):
    chance = random.Random(2)
    full = 0
    for _ in range(MODELS):
        days, most = chance.choice([0.5, 1, 7]), chance.choice([0.3, 1, 6, 7.25, 10])
        sign = chance.choice([1, -1])
        event = {"event": "e", "bucket": "b", "scope": chance.choice(["user", "workspace"]), "decay": {"kind": "none"}}
        event |= {"points": sign * chance.choice([0.1, 1 / 3, 1, 2.5, 4]), "cap": {"points": most, "days": days}}
        bucket = {"name": "b"} | ({"max": 1} if sign > 0 else {"negative": True})
        model = {"name": "m", "version": "1", "buckets": [bucket], "events": [event]}
        model |= {"roles": {"admin": 1}, "admin_roles": ["admin"]}
        window = round(days * DAY)
        times = [AS_OF - chance.randint(0, 3 * window) for _ in range(12)]
        times += [time - window for time in times[:6]] + [time - window + 1 for time in times[:3]]
        rows = [row("e", time, chance.choice([0.5, 1.0, 2.0, 1.1])) for time in times]
        # What the rows up to a time were awarded in all is the score of that time, since nothing decays: so its steps are the awards.
        times = sorted(set(times))
        answers = results(connection, tmp_path, model, [case(rows, [ADMIN], time) for time in times])
        sums = [sum(int(each["points"] * POINT) for each in answer["contributions"] if each["code"] == "e") for answer in answers]
        awards = [(time, abs(after - before)) for time, before, after in zip(times, [0, *sums], sums)]
        for time, _ in awards:
            held = sum(award for other, award in awards if time - window < other <= time)
            assert held <= reference.in_points(most), (model, rows)
            full += held == reference.in_points(most)
    assert full > MODELS


def test_a_power_user_who_is_neither_admin_nor_champion_never_raises_the_score(connection, tmp_path):
    chance = random.Random(3)
    changed = 0
    for _ in range(MODELS):
        model = cases_of.random_model(chance) | {"other_role": 0.6}
        of_user = {event["event"] for event in model["events"] if event["scope"] == "user"}
        without = [cases_of.random_case(chance, model) for _ in range(40)]
        more = [
            each | {"events": each["events"] + [
                event | {"user_id": "a power user"}
                for _ in range(3)
                for event in cases_of.random_rows(chance, model, each["as_of"])
                if event and event["event"] in of_user
            ]}
            for each in without
        ]
        before = results(connection, tmp_path, model, without)
        for less, result in zip(before, results(connection, tmp_path, model, more)):
            assert result["total"] <= less["total"], model
            assert result["selected_user"] == less["selected_user"], model
            changed += result["ignored"]["not_selected"] > less["ignored"]["not_selected"]
            if "event_loop" not in result["flags"]:
                assert result["contributions"] == less["contributions"], model
    assert changed > MODELS


def test_the_order_of_users_events_and_earlier_contributions_does_not_matter(connection, tmp_path):
    chance = random.Random(4)
    for _ in range(MODELS):
        model = cases_of.random_model(chance)
        cases = [cases_of.random_case(chance, model) for _ in range(40)]
        shuffled = [
            each | {name: each[name] and chance.sample(each[name], len(each[name])) for name in ["users", "events", "before"]}
            for each in cases
        ]
        for call in [cases_of.WORKSPACE, cases_of.EVENTS_OF_ONE]:
            assert results(connection, tmp_path, model, shuffled, call) == results(connection, tmp_path, model, cases, call)


def test_changes_add_up_to_the_difference_of_the_totals(connection, tmp_path):
    chance = random.Random(5)
    changes = 0
    for _ in range(MODELS):
        model = cases_of.random_model(chance)
        cases = [cases_of.random_case(chance, model) for _ in range(40)]
        earlier = [each | {"as_of": each["as_of"] - chance.choice([1, DAY, 9 * DAY]), "before": None} for each in cases]
        before = results(connection, tmp_path, model, earlier)
        assert all(sum(change["delta"] for change in result["changes"]) == result["total"] for result in before)
        now = [
            each | {"before": [{name: part[name] for name in ["bucket", "code", "points"]} for part in result["contributions"]]}
            for each, result in zip(cases, before)
        ]
        for old, new in zip(before, results(connection, tmp_path, model, now)):
            # Sums of multiples of 2^-32 this small are exact in doubles.
            assert sum(change["delta"] for change in new["changes"]) == new["total"] - old["total"], model
            assert all(change["points_after"] - change["points_before"] == change["delta"] != 0 for change in new["changes"])
            changes += len(new["changes"])
    assert changes > MODELS * 10


@pytest.mark.parametrize("margin", [0, 10])
def test_a_stage_is_kept_exactly_to_its_margin(connection, tmp_path, margin):
    event = {"event": "e", "bucket": "b", "scope": "workspace", "points": 1, "decay": {"kind": "none"}}
    model = {"name": "m", "version": "1", "buckets": [{"name": "b", "max": 100}], "events": [event]}
    model |= {"stages": [{"name": "hot", "at_least": 80}, {"name": "warm", "at_least": 50}, {"name": "cold"}], "stage_margin": margin}

    def stage(score, previous):
        one = case([row("e", AS_OF, score)]) | {"previous_stage": previous}
        return results(connection, tmp_path, model, [one])[0]["stage"]

    assert stage(80.0, None) == stage(80.0, "cold") == "hot"
    assert stage(79.75, "cold") == "warm"
    assert stage(80.0 - margin, "hot") == "hot"
    assert stage(79.75 - margin, "hot") == "warm"
    assert stage(49.75, "hot") == "cold"
    assert stage(50.0, "no such stage") == "warm"
