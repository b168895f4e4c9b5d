"""The panel Score, driven as a person would: its numbers are those of DuckDB, and what it exports runs."""

import json
import re

import pytest
import sqlglot
import yaml
import zetasql.types as z
from conftest import DIST, ROOT, show
from googlesql import Installation

STARTER = (ROOT / "udfs/score/documents/starter.json").read_text()

TOTAL = "return Number(document.querySelector('#score-total').dataset.value)"
STAGE = "return document.querySelector('#score-stage').textContent"


def choose(page, selector, value):
    """Takes an entry of a list."""
    page.run(
        "const list = document.querySelector(arguments[0]); list.value = arguments[1];"
        "list.dispatchEvent(new Event('change', {bubbles: true}))",
        selector,
        value,
    )


def exported(page, kind):
    choose(page, "#plg_score-export", kind)
    return page.run("return document.querySelector('#panel-score .export pre').textContent")


def score_in(database, page):
    """What DuckDB says to the call that the page exports: total, stage, components and sentences."""
    [[total, stage, components, reasons]] = database.execute(exported(page, "duckdb")).fetchall()
    return total, stage, [(row["bucket"], row["points"]) for row in components], [row["sentence"] for row in reasons]


def as_shown(points):
    """A number with at most two decimals, as the page writes it."""
    text = f"{points:.2f}".rstrip("0").rstrip(".").replace("-", "−")
    return "0" if text == "−0" else text


def wait_for_other_total(page, before):
    return page.wait(f"const now = {TOTAL.removeprefix('return ')}; return now !== {before!r} && String(now)")


def assert_is_what_duckdb_says(page, database):
    total, stage, components, reasons = score_in(database, page)
    assert page.run(TOTAL) == total
    assert page.run("return document.querySelector('#score-total').textContent") == as_shown(total)
    assert page.run(STAGE) == stage
    rows = page.run(
        "return [...document.querySelectorAll('#score-components tbody tr')].map((row) => [row.cells[0].textContent, row.cells[2].textContent])"
    )
    assert [tuple(row) for row in rows] == [(bucket, as_shown(points)) for bucket, points in components]
    assert page.run("return [...document.querySelectorAll('#score-reasons li')].map((item) => item.textContent)") == reasons
    return total


@pytest.mark.parametrize("workspace", ["w001", "w006", "w036", "w057"])
def test_score_components_and_reasons_are_those_of_duckdb(page, database, workspace):
    choose(page, "#score-workspace", workspace)
    assert_is_what_duckdb_says(page, database)


def test_edited_events_are_scored_and_lines_that_are_none_are_marked(page, database):
    before = page.run(TOTAL)
    page.type("#score-events", "\n2026-06-30T10:00:00Z, workspace_downgraded, \n2026-06-30, uninstall_integration,\nyesterday, upgrade_click, u027")
    wait_for_other_total(page, before)
    page.wait("return document.querySelector('#score-events-summary').textContent === '1 problem'")
    assert "does not begin with a time" in page.run("return document.querySelector('.editor:has(#score-events) .problems').textContent")
    assert assert_is_what_duckdb_says(page, database) < before


def test_an_event_can_be_added_without_typing_it(page, database):
    before = page.run(TOTAL)
    choose(page, "#score-add-event", "workspace_downgraded")
    page.retype("#score-add-days", "3")
    page.click(".row:has(#score-add-event) button:first-of-type")
    wait_for_other_total(page, before)
    assert page.run("return document.querySelector('#score-events').value").endswith("2026-06-28T00:00:00Z, workspace_downgraded, u027")
    assert assert_is_what_duckdb_says(page, database) < before


def test_what_ifs_change_the_score_as_duckdb_would_and_are_undone_at_once(page, database):
    choose(page, "#score-workspace", "w004")
    plain = page.run(TOTAL)
    # Something happens, as a person clicks it.
    page.click("details:has(#score-by) summary")
    page.click("label[for=score-happens-9]")
    wait_for_other_total(page, plain)
    happened = assert_is_what_duckdb_says(page, database)
    assert happened > plain
    # A fact is another: the trial ends, for which the starter model gives 5 points of intent.
    page.click("details:has(#score-fact-trial_days_remaining) summary")
    page.retype("#score-fact-trial_days_remaining", "2")
    page.press("Tab")
    wait_for_other_total(page, happened)
    assert assert_is_what_duckdb_says(page, database) == pytest.approx(happened + 5)
    assert "What-if: +" in page.run("return document.querySelector('#score-delta').textContent")
    # Who counts is no admin any more.
    page.click("details:has(#score-role-0) summary")
    before = page.run(TOTAL)
    [who] = re.findall(r"who counts: (\w+)", page.run("return document.querySelector('.outcome').textContent"))
    control = page.run("return [...document.querySelectorAll('label')].find((label) => label.textContent === arguments[0]).htmlFor", who)
    choose(page, f"#{control}", "student")
    wait_for_other_total(page, before)
    assert_is_what_duckdb_says(page, database)
    page.click("#score-undo")
    page.wait(f"return ({TOTAL.removeprefix('return ')}) === {plain!r}")
    assert page.run("return document.querySelector('#score-delta')") is None


def test_the_timeline_holds_what_duckdb_says_on_later_days(page, database):
    rows = page.run(
        "document.querySelector('details:has(#score-days)').open = true;"
        "return [...document.querySelectorAll('#score-days tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    assert [row[0] for row in rows] == [str(day) for day in range(61)]
    totals = [float(row[1]) for row in rows]
    assert totals[0] > totals[10] > totals[30] and len(set(totals)) > 20
    for day, date in [(1, "2026-07-02"), (13, "2026-07-14"), (31, "2026-08-01")]:
        before = page.run(TOTAL)
        choose(page, "#score-as-of", date)
        wait_for_other_total(page, before)
        total, stage, *_ = score_in(database, page)
        assert (totals[day], rows[day][2]) == (round(total, 4), stage), day


MISTAKES = [
    ('"decay": {"kind": "exponential", "days": 30}', '"decay": {"kind": "exponential", "days": -30}', "-30", "must be > 0"),
    ('"bucket": "depth", "scope": "user", "points": 3', '"bucket": "deep", "scope": "user", "points": 3', '"deep"', "is no bucket of the model"),
    ('"when": "active_days_14d = 0"', '"when": "active_days_14d = = 0"', "= 0", "expected"),
    ('"stage_margin": 0', '"margin": 0', "0", "is not a field"),
]


@pytest.mark.parametrize("right, wrong, marked, problem", MISTAKES)
def test_a_mistake_in_the_model_is_marked_where_it_is(page, right, wrong, marked, problem):
    assert right in STARTER
    text = STARTER.replace(right, wrong, 1)
    page.retype("#score-model", text)
    page.wait("return document.querySelectorAll('.editor:has(#score-model) .problems button').length === 1")
    line = text[: text.index(wrong)].count("\n") + 1
    said = page.run("return document.querySelector('.editor:has(#score-model) .problems button').textContent")
    assert said.startswith(f"Line {line} ") and problem in said
    assert page.run("return [...document.querySelectorAll('.editor:has(#score-model) .gutter .marked')].map((mark) => mark.textContent)") == [f"▸{line}"]
    # The button goes there.
    page.click(".editor:has(#score-model) .problems button")
    assert page.run("const e = document.activeElement; return e.value.slice(e.selectionStart, e.selectionEnd).replace(/\"$/, m => e.value[e.selectionStart] === m ? m : '')") == marked
    # And what is right again is scored again.
    page.retype("#score-model", STARTER)
    page.wait("return document.querySelector('#score-total') !== null")


def test_all_mistakes_are_told_at_once_and_what_is_no_json_is_told_with_its_place(page):
    text = STARTER
    for right, wrong, *_ in MISTAKES:
        text = text.replace(right, wrong, 1)
    page.retype("#score-model", text)
    page.wait(f"return document.querySelectorAll('.editor:has(#score-model) .problems button').length === {len(MISTAKES)}")
    page.retype("#score-model", '{\n  "name": "starter",\n  "version" "1"\n}')
    said = page.wait("return document.querySelector('.editor:has(#score-model) .problems button')?.textContent.includes('JSON') && document.querySelector('.editor:has(#score-model) .problems').textContent")
    assert said.startswith("Line 3: not JSON: ")


def test_two_models_are_compared_over_the_sample(page, database):
    assert page.run("return document.querySelector('#score-movers').textContent").startswith("0 of 60 workspaces")
    model = json.loads(STARTER)
    model["stages"][0]["at_least"] = 90
    page.retype("#score-model", json.dumps(model, indent=2))
    page.wait("return document.querySelector('#score-changes') !== null")
    movers = page.run("return [...document.querySelectorAll('#score-changes tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent))")
    # Whoever has a score from 80 to below 90 is hot no more, and no score has changed.
    assert movers and all(stage == "Hot PQL → PQL" for _, stage, _ in movers)
    assert page.run("return document.querySelector('#score-movers').textContent").endswith("; 0 have another score.")
    counts = dict(page.run("return [...document.querySelectorAll('#score-stages tbody tr')].map((row) => [row.cells[0].textContent, [row.cells[1].textContent, row.cells[2].textContent].map(Number)])"))
    assert counts["Hot PQL"][0] - counts["Hot PQL"][1] == len(movers) and sum(before for before, _ in counts.values()) == 60
    for name, _, scores in movers:
        choose(page, "#score-workspace", name.rsplit("(", 1)[1].rstrip(")"))
        total, stage, *_ = score_in(database, page)
        assert 80 <= total < 90 and stage == "PQL" and f"{total:.1f}" in scores


def test_the_dbt_variable_is_yaml_and_equals_the_model(page):
    assert yaml.safe_load(exported(page, "dbt")) == {"vars": {"plg": {"plg_score_model": STARTER}}}
    # Also for a text that no block of YAML could hold as it is.
    model = json.loads(STARTER)
    model["states"][0]["reason"] = "Trial's \\ {{ end }} \u0085 & $$ \U0001f680"
    text = json.dumps(model, ensure_ascii=False)
    page.retype("#score-model", text)
    page.wait("return document.querySelector('#panel-score .export pre').textContent.includes(`Trial's`)")
    assert yaml.safe_load(exported(page, "dbt")) == {"vars": {"plg": {"plg_score_model": text}}}


def test_hostile_models_stay_what_they_are_in_every_warehouse(page, database):
    model = json.loads(STARTER)
    model["states"][1]["reason"] = "It's \\ \"quiet\" & $$ '''"
    choose(page, "#score-workspace", "w004")
    page.retype("#score-model", json.dumps(model, indent=2))
    page.wait("return document.querySelector('#score-reasons')?.textContent.includes('quiet')")
    assert_is_what_duckdb_says(page, database)
    [statement] = sqlglot.parse(exported(page, "snowflake"), dialect="snowflake")
    literals = [literal.this for literal in statement.find_all(sqlglot.exp.Literal) if literal.is_string]
    assert any("quiet" in literal for literal in literals)


def test_snowflakes_query_parses(page):
    [statement] = sqlglot.parse(exported(page, "snowflake"), dialect="snowflake")
    assert isinstance(statement, sqlglot.exp.Select)
    assert [column.alias for column in statement.expressions] == ["total", "stage", "components", "top_reasons"]


def test_bigquerys_query_is_taken_by_googlesql_with_the_installed_functions(page):
    installation = Installation()
    # Of the script only what the query calls: reading all of it takes half a minute.
    script = (DIST / "bigquery/install.sql").read_text()
    for statement in re.split(r"^(?=CREATE OR REPLACE )", script, flags=re.MULTILINE):
        if re.match(r"CREATE OR REPLACE FUNCTION `YOUR_PROJECT\.plg\.(score_workspace|model_states)(__\w+)?`\(", statement):
            installation.run(statement)
    assert len(installation.functions) == 4
    analysed = installation.analyse(exported(page, "bigquery"))
    assert isinstance(analysed, z.ResolvedQueryStmt)
    assert [column.name for column in analysed.output_column_list] == ["total", "stage", "components", "top_reasons"]


def test_the_address_brings_everything_back(page, address):
    choose(page, "#score-workspace", "w004")
    page.click("details:has(#score-by) summary")
    page.click("label[for=score-happens-9]")
    model = json.loads(STARTER)
    model["events"][9]["points"] = 12
    page.retype("#score-model", json.dumps(model))
    page.wait("return document.querySelector('#score-reasons').textContent.includes('upgrade click')")
    page.wait("return location.hash.length > 200")
    total, fragment = page.run(TOTAL), page.wait("const now = location.hash; const same = window.last === now; window.last = now; return same && now")
    show(page, address + fragment)
    assert page.run(TOTAL) == total
    assert page.run("return document.querySelector('#score-workspace').value") == "w004"
    assert json.loads(page.run("return document.querySelector('#score-model').value")) == model
    assert page.run("return document.querySelector('#score-happens-9').checked") is True


def test_an_address_that_was_cut_off_shows_the_defaults_and_says_so(page, address):
    show(page, address + "#score/jZBBTsMwEEWvYs26C")
    assert page.run("return document.querySelector('#score-workspace').value") == "w006"
    assert page.wait("return document.querySelector('#status').textContent").startswith("The address is damaged")
