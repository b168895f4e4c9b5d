"""The panel Cohorts, against DuckDB's cohort functions over the same units."""

import pytest
import yaml
from conftest import ROOT
from panel_hosts import analyse_as_bigquery, parse_as_snowflake
from panel_page import PanelPage

UNITS = "Units"
ROLL_OUT = "Step by step: nobody who is in moves"


@pytest.fixture
def page(window, address):
    return PanelPage(window, address, "cohorts")


@pytest.fixture
def variants(page, database):
    """The variant of every unit on the screen, by DuckDB."""

    def variants(coverage=0.2, method="growthbook", weights=(0.5, 0.5), seed="short_tour", namespace=None):
        inside = "plg.cohort_in_namespace(unit, ?, ?, ?)" if namespace else "true"
        query = f"select unit, case when {inside} then plg.cohort_rollout(unit, ?, ?, ?, NULL, ?) end from (select unnest(?) as unit)"
        units = [line for line in page.value(UNITS).split("\n") if line]
        return dict(database.execute(query, [*(namespace or ()), seed, list(weights), coverage, method, units]).fetchall())

    return variants


def counted(answers, names):
    values = list(answers.values())
    return {**{name: values.count(index) for index, name in enumerate(names)}, "no variant": values.count(None)}


def shown(page):
    """How many units each variant has, by the screen."""
    return {name: int(count) for name, count, *_ in page.table("339 units at a coverage of …") or []}


def test_counts_are_those_of_duckdb(page, variants):
    answers = variants()
    assert shown(page) == counted(answers, ["control", "short"])
    page.click("The distribution as a table, and every unit")
    listed = {unit: variant or None for unit, _, variant in page.table("Every unit")}
    names = {0: "control", 1: "short", None: None}
    assert listed == {unit: names[variant] for unit, variant in answers.items()}


@pytest.mark.parametrize("method", ["growthbook", "unleash"])
def test_numbers_and_their_distribution_are_those_of_duckdb(page, database, method):
    page.choose("Standard", method)
    page.wait(lambda: ("Unleash" in page.run("return root.textContent.match(/The number that (\\w+)/)[1]")) == (method == "unleash"))
    page.click("The distribution as a table, and every unit")
    query = "select unit, plg.cohort_bucket(unit, 'short_tour', ?) from (select unnest(?) as unit)"
    numbers = dict(database.execute(query, [method, page.value(UNITS).split("\n")]).fetchall())
    assert {unit: float(number) for unit, number, _ in page.table("Every unit")} == numbers
    bins = [sum(map(int, counts)) for _, _, *counts in page.table("Units by number")]
    steps = [round((number - 1) * 100 if method == "unleash" else number * 10_000) for number in numbers.values()]
    assert bins == [sum(low * 500 <= step < low * 500 + 500 for step in steps) for low in range(20)]


def test_seed_weights_and_a_third_variant_count(page, variants):
    page.fill("Experiment (seed)", "Tour ü")
    page.fill("Weight of variant 0", "0.2")
    page.fill("Weight of variant 1", "0.3")
    page.click("Add a variant")
    page.window.devtools("Input.insertText", text="")
    page.fill("Name of variant 2", "long")
    page.fill("Weight of variant 2", "0.4")
    page.fill("Coverage today", "0.75")
    answers = variants(0.75, weights=(0.2, 0.3, 0.4), seed="Tour ü")
    page.wait_for(lambda: shown(page), counted(answers, ["control", "short", "long"]))
    page.choose("Standard", "unleash")
    answers = variants(0.75, "unleash", (0.2, 0.3, 0.4), "Tour ü")
    page.wait_for(lambda: shown(page), counted(answers, ["control", "short", "long"]))


def test_units_of_a_namespace_alone_are_assigned(page, variants):
    page.click("Only units in a range of a namespace")
    answers = variants(namespace=("onboarding", 0, 0.4))
    page.wait_for(lambda: shown(page), counted(answers, ["control", "short"]))
    page.fill("Range from", "0.4")
    page.fill("to", "1")
    others = variants(namespace=("onboarding", 0.4, 1))
    page.wait_for(lambda: shown(page), counted(others, ["control", "short"]))
    assert not [unit for unit in answers if answers[unit] is not None and others[unit] is not None]


@pytest.mark.parametrize("method", ["growthbook", "unleash"])
def test_a_roll_out_moves_nobody_and_says_who_joins(page, variants, method):
    page.choose("Standard", method)
    steps = [variants(step / 10, method) for step in range(11)]
    rows = []
    for step, answers in enumerate(steps):
        before = steps[step - 1] if step else dict.fromkeys(answers)
        joined = sum(before[unit] is None and answers[unit] is not None for unit in answers)
        moved = sum(before[unit] is not None and answers[unit] != before[unit] for unit in answers)
        values = list(answers.values())
        rows.append([f"{step * 10} %", str(values.count(0)), str(values.count(1)), str(joined), str(moved)])
    page.wait_for(lambda: page.table(ROLL_OUT), rows)
    assert {row[-1] for row in rows} == {"0"}
    now, then = steps[2], steps[4]
    joiners = {unit for unit in now if now[unit] is None and then[unit] is not None}
    page.click(f"Who joins ({len(joiners)})")
    listed = page.table("Units, and the first whole per cent …")
    assert {unit for unit, *_ in listed} == joiners
    # Each is in from exactly the step that the page names.
    for unit, at, name in listed[:10]:
        per_cent = int(at.removesuffix(" %"))
        assert variants(per_cent / 100, method)[unit] == ["control", "short"].index(name)
        assert variants((per_cent - 1) / 100, method)[unit] is None


def test_a_roll_out_that_shrinks_says_who_leaves(page, variants):
    page.fill("Coverage tomorrow", "0.1")
    now, then = variants(0.2), variants(0.1)
    leavers = {unit for unit in now if now[unit] is not None and then[unit] is None}
    page.wait(lambda: page.run(f"return root.textContent.includes('{len(leavers)} leave, 0 change their variant')"))
    page.click(f"Who leaves ({len(leavers)})")
    assert {unit for unit, *_ in page.table("Units, and the first whole per cent …")} == leavers


@pytest.mark.parametrize(
    "control, text, problem",
    [
        ("Weight of variant 1", "50", "weights must have a sum of at most 1"),
        ("Weight of variant 1", "-0.5", "weights[1] must be a finite number >= 0"),
        ("Coverage today", "20", "coverage must be a number from 0 to 1"),
    ],
)
def test_what_does_not_fit_is_marked_and_said(page, control, text, problem):
    page.fill(control, text)
    page.wait_for(lambda: page.run("return root.querySelector('[role=alert]').textContent"), problem)
    assert page.is_wrong(control)
    assert shown(page) == {}
    assert page.run("return root.querySelector('.export').hidden")


def test_pasted_units_are_assigned(page, database):
    page.fill(UNITS, "ann\nbob, ü😀;ann\n\n  it's  ")
    page.fill("Coverage today", "1")
    expected = dict(
        database.execute("select u, plg.cohort(u, 'short_tour', [0.5, 0.5], 'growthbook') from (select unnest(['ann', 'bob', 'ü😀', 'it''s']) u)").fetchall()
    )
    page.wait(lambda: page.table("4 units at a coverage of 100 %"))
    page.click("The distribution as a table, and every unit")
    assert {unit: ["control", "short"].index(variant) for unit, _, variant in page.table("Every unit")} == expected
    assert dict(database.execute(page.exported("duckdb")).fetchall()) == expected
    parse_as_snowflake(page.exported("snowflake"))
    analyse_as_bigquery(page.exported("bigquery"))


@pytest.mark.parametrize("namespace", [False, True])
def test_what_is_exported_runs(page, database, variants, namespace):
    if namespace:
        page.click("Only units in a range of a namespace")
    answers = variants(namespace=("onboarding", 0, 0.4) if namespace else None)
    page.wait_for(lambda: shown(page), counted(answers, ["control", "short"]))
    assert dict(database.execute(page.exported("duckdb")).fetchall()) == answers
    parse_as_snowflake(page.exported("snowflake"))
    analyse_as_bigquery(page.exported("bigquery"))
    experiment = {"method": "growthbook", "seed": "short_tour", "variants": ["control", "short"], "weights": [0.5, 0.5], "coverage": 0.2}
    if namespace:
        experiment |= {"namespace": "onboarding", "range": [0, 0.4]}
    assert yaml.safe_load(page.exported("dbt"))["vars"]["plg_experiments"] == {"short_tour": experiment}
    # Every field is one that the dbt package knows.
    macro = (ROOT / "dbt/macros/experiments.sql").read_text()
    assert all(f"'{field}'" in macro for field in experiment)


def test_the_address_keeps_everything(page):
    page.fill("Weight of variant 1", "0.25")
    page.click("Only units in a range of a namespace")
    page.choose("Standard", "unleash")
    page.exported("duckdb")
    page.wait(lambda: "'unleash'" in page.export_shown() and "cohort_in_namespace" in page.export_shown() and "0.25" in page.export_shown())
    before = (shown(page), page.table(ROLL_OUT), page.export_shown())
    page.reload()
    assert (shown(page), page.table(ROLL_OUT), page.export_shown()) == before
    # The sample's units are everybody's: they are not in the address.
    assert "u001" in page.value(UNITS)
    assert len(page.address()) < 400
