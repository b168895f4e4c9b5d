"""Scores through DuckDB against the slow implementation in Python, on random models and histories, to the last bit."""

import json
import random
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
import score_cases as cases_of
import score_reference as reference
from conftest import open_database

MODELS = 400
CASES_PER_MODEL = 250
DAY = reference.DAY
CALLS = {
    "score_workspace": (cases_of.WORKSPACE, cases_of.expected_workspace),
    "score_events": (cases_of.EVENTS_OF_ONE, cases_of.expected_events),
}


def differences(ours, theirs, path="result"):
    """The places where two results differ."""
    if isinstance(theirs, dict) and isinstance(ours, dict) and ours.keys() == theirs.keys():
        return [each for name in theirs for each in differences(ours[name], theirs[name], f"{path}.{name}")]
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        return [each for n, pair in enumerate(zip(ours, theirs)) for each in differences(*pair, f"{path}[{n}]")]
    # As text, so that -0.0 is not 0.0 and true is not 1.
    return [] if json.dumps(ours) == json.dumps(theirs) else [f"{path}: {ours!r} instead of {theirs!r}"]


def compare(connection, folder, model, cases, function):
    """The extension's results, and the first difference: the case and the places."""
    call, expected = CALLS[function]
    cases_of.load(connection, folder, cases)
    got = [json.loads(text) for text in cases_of.answers(connection, model, call)]
    assert len(got) == len(cases)
    for case, ours in zip(cases, got):
        places = differences(ours, expected(model, case))
        if places:
            return got, (case, places)
    return got, None


def smaller(model, case):
    """The model and the case, each time with one thing less."""
    for name in ["users", "events", "before"]:
        for n in range(len(case[name] or [])):
            yield model, case | {name: case[name][:n] + case[name][n + 1 :]}
    for name in ["facts", "before", "previous_stage", "role"]:
        if case[name] is not None:
            yield model, case | {name: None}
    for n, event in enumerate(case["events"]):
        for name in ["count", "max_per_hour"]:
            if event and event.get(name) is not None:
                yield model, case | {"events": [*case["events"][:n], event | {name: None}, *case["events"][n + 1 :]]}
    for name in model.keys() - {"name", "version", "buckets", "events", "on_missing"}:
        yield {field: value for field, value in model.items() if field != name}, case
    for name in ["events", "states", "milestones", "stages"]:
        for n in range(len(model.get(name, []))):
            yield model | {name: model[name][:n] + model[name][n + 1 :]}, case
    for n, event in enumerate(model["events"]):
        for name in event.keys() & {"per", "cap", "label", "key"}:
            less = {field: value for field, value in event.items() if field != name}
            yield model | {"events": [*model["events"][:n], less, *model["events"][n + 1 :]]}, case


def shrunk(connection, folder, model, case, places, function):
    """The smallest model and case that still differ, with the places."""
    progress = True
    while progress:
        progress = False
        for less_model, less_case in smaller(model, case):
            try:
                _, found = compare(connection, folder, less_model, [less_case], function)
            except Exception:  # What is left is no model any more.
                continue
            if found:
                model, (case, places) = less_model, found
                progress = True
                break
    return model, case, places


def is_stage_kept(result, case, model):
    free = reference.stage_of(result["total"], model.get("stages", []), None, 0)
    return free != result["stage"]


def marks(result, case, model):
    """What a result of score_workspace is an example of."""
    yield from (f"ignored {reason}" for reason, count in result["ignored"].items() if count)
    yield from (f"flag {flag}" for flag in result["flags"])
    yield from (f"{name} is {'' if result[name] is None else 'not '}null" for name in [
        "stage", "selected_user", "next_best_action", "fit_score", "last_high_intent_at"
    ])
    yield f"gate is {result['is_gate_open']}"
    yield from (f"{side} limit" for each in result["components"] if each["bucket"] == "limit"
                for side in ["upper" if each["points"] < 0 else "lower"])
    yield from ("limit of a bucket" for each in result["contributions"] if each["code"] == "limit")
    yield from ("change" for each in result["changes"])
    if is_stage_kept(result, case, model):
        yield "stage kept by its margin"


MARKS = {
    *(f"ignored {reason}" for reason in reference.WORKSPACE_IGNORED),
    *(f"flag {flag}" for flag in ["event_loop", "fit_uncertain", "no_eligible_user"]),
    *(f"{name} is {null}" for null in ["null", "not null"] for name in [
        "stage", "selected_user", "next_best_action", "fit_score", "last_high_intent_at"
    ]),
    *["gate is True", "gate is False", "upper limit", "lower limit", "limit of a bucket", "change"],
    "stage kept by its margin",
}


def sums_that_differ(result):
    """Contributions make components, components the total: in doubles, since these sums are exact."""
    sums = Counter()
    for each in result["contributions"]:
        sums[each["bucket"]] += each["points"]
    components = {each["bucket"]: each["points"] for each in result["components"]}
    wrong = [name for name in sums | components if sums[name] != components.get(name, 0)]
    return wrong + ["total"] * (sum(components.values()) != result["total"])


def judge(seed, function):
    """One random model with its cases: a report of the first difference, and what the cases are examples of."""
    chance = random.Random(seed)
    model = cases_of.random_model(chance)
    cases = [cases_of.random_case(chance, model) for _ in range(CASES_PER_MODEL)]
    seen = Counter()
    with tempfile.TemporaryDirectory() as name, open_database() as connection:
        folder = Path(name)
        connection.execute("SET threads = 1")
        got, found = compare(connection, folder, model, cases, function)
        if found:
            model, case, places = shrunk(connection, folder, model, *found, function)
            return report(seed, model, case, places), seen
        for case, result in zip(cases, got):
            wrong = sums_that_differ(result)
            if wrong:
                return report(seed, model, case, [f"contributions and components differ in {wrong}"]), seen
            if function == "score_workspace":
                seen.update(set(marks(result, case, model)))
    return None, seen


def report(seed, model, case, places):
    readable = case | {"as_of": reference.iso(case["as_of"])}
    readable["events"] = [each and each | {"occurred_at": reference.iso(each["occurred_at"])} for each in case["events"]]
    return "\n".join([f"seed {seed}", *places, f"model = {json.dumps(model)}", f"case = {json.dumps(readable)}"])


def judge_all(seeds, function):
    seen = Counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for difference, marked in pool.map(judge, seeds, [function] * len(seeds)):
            if difference:
                pool.shutdown(cancel_futures=True)
                pytest.fail(difference, pytrace=False)
            seen.update(marked)
    return seen


def test_a_workspace_scores_what_the_slow_one_says():
    seen = judge_all(range(MODELS), "score_workspace")
    assert MARKS <= seen.keys(), MARKS - seen.keys()


def test_a_user_scores_what_the_slow_one_says():
    judge_all(range(MODELS, MODELS + MODELS // 10), "score_events")


@pytest.mark.parametrize(
    ("function", "slow"), [("plg_decay_exp", reference.exp_neg), ("plg_decay_half_life", reference.exp2_neg)]
)
def test_the_slow_exponential_is_the_same_to_the_last_bit(connection, function, slow):
    chance = random.Random(7)
    ages = [chance.random() * chance.choice([1e-9, 1.0, 10.0, 100.0, 745.2]) for _ in range(100_000)]
    ages += [0.0, 5e-324, 708.5, 745.0, 746.0, 1075.0, 1e6]
    connection.execute("CREATE TABLE ages AS SELECT unnest($1::DOUBLE[]) AS age", [ages])
    rows = connection.execute(f"SELECT age, {function}(8, age, 1) FROM ages").fetchall()
    assert len(rows) == len(ages)
    assert [age for age, left in rows if left != slow(8.0, age)] == []
