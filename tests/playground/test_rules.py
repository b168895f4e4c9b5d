"""The panel Rules, against DuckDB: status_explain there, and its own CASE and conditions."""

import json
import re

import pytest
import yaml
from conftest import ROOT
from panel_hosts import analyse_as_bigquery, parse_as_snowflake
from panel_page import PanelPage

EDITOR = "Rules: the inside of a CASE"
STATUSES = "Status of each row, the rule that decided, and the truth of every rule"
FACTS = "Facts; an empty cell is NULL"
RULES = (ROOT / "udfs/status/documents/user_status.txt").read_text()
TYPES = {"number": "double", "text": "varchar", "boolean": "boolean", "timestamp": "timestamp"}
TRUTHS = {"✓true": True, "✗false": False, "?unknown": None}


@pytest.fixture
def page(window, address):
    return PanelPage(window, address, "rules")


@pytest.fixture
def rows(database):
    return lambda query, parameters=(): database.execute(query, parameters).fetchall()


def facts(page):
    """The rows on the screen, as DuckDB reads their texts: names, and values row by row."""
    names, types, cells = page.run(
        """
        const table = root.querySelector(".plg-table");
        return [
          [...table.tHead.querySelectorAll("input")].map((input) => input.value),
          [...table.tHead.querySelectorAll("select")].map((select) => select.value),
          [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")].map((input) => input.value)),
        ];
        """
    )
    selected = [f"cast(nullif(?, '') as {TYPES[kind]}) as \"{name}\"" for name, kind in zip(names, types, strict=True)]
    return names, [(", ".join(selected), row) for row in cells]


def judged(page):
    """What the screen says of each row: status, who decided, truths; of a row that cannot be judged the problem instead."""
    read = []
    for _, status, *rest in page.table(STATUSES) or []:
        decided, *truths = rest or [None]
        read.append((None if status == "NULL" else status, decided, [TRUTHS[truth] for truth in truths]))
    return read


def expected(page, rows, rules, conditions):
    """The same by DuckDB: status_explain for what decided, and each condition as its own SQL."""
    at = "timestamp '2026-07-01 00:00:00'"
    names, selects = facts(page)
    fields = ", ".join(f"'{name}': \"{name}\"" for name in names)
    answers = []
    for selected, cells in selects:
        explained = f"plg.status_explain({{{fields}}}, ?, {at})"
        source = f"from (select {selected}, {at} as as_of)"
        [[status, decided]] = rows(f"select e.status, e.rule_index from (select {explained} as e {source})", [rules, *cells])
        truths = [rows(f"select {condition} {source}", cells)[0][0] for condition in conditions]
        answers.append((status, f"Rule {decided:.0f}" if decided else "ELSE", truths))
    return answers


def conditions_of(rules):
    return re.findall(r"^when (.*) then '", rules, re.MULTILINE)


def test_statuses_and_truths_are_those_of_duckdb(page, rows):
    conditions = conditions_of(RULES)
    assert len(conditions) == 8
    answers = expected(page, rows, RULES, conditions)
    assert judged(page) == answers
    # Or the sample would not show what the panel is for.
    assert {truth for _, _, truths in answers for truth in truths} == {True, False, None}
    assert len({status for status, _, _ in answers}) >= 6


def test_a_rule_that_is_edited_decides_anew(page, rows):
    before = judged(page)
    rules = RULES.replace("total >= 80", "total >= 70")
    page.fill(EDITOR, rules)
    page.wait(lambda: judged(page) != before)
    assert judged(page) == expected(page, rows, rules, conditions_of(rules))
    assert ("Sales", "Rule 6") in [(status, decided) for status, decided, _ in judged(page)]


def test_truths_hold_where_sql_is_subtle(page, rows):
    rules = """on_missing null
case -- the comment counts for nothing: when then 'x'
when case plan when 'free' then null when 'team' then true else false end then 'It''s a CASE'
when not (total > 5 and plan <> 'free') /* nested /* when */ comment */ then "" || 'x'
else null end"""
    page.fill(EDITOR, rules)
    page.wait(lambda: page.problems(EDITOR)[0])
    rules = rules.replace('"" || \'x\'', "'Not'")
    page.fill(EDITOR, rules)
    page.wait(lambda: len((page.table(STATUSES) or [[]])[0]) == 5)
    conditions = ["case plan when 'free' then null when 'team' then true else false end", "not (total > 5 and plan <> 'free')"]
    assert judged(page) == expected(page, rows, rules, conditions)


def test_an_error_is_marked_at_its_place_and_can_be_gone_to(page):
    page.fill(EDITOR, RULES.replace("'trial') then 'Customer'", "'trial') 'Customer'"))
    page.wait(lambda: page.problems(EDITOR)[0])
    [problem], marked = page.problems(EDITOR)
    assert problem == "Line 4: expected THEN"
    assert marked == [4]
    assert page.is_wrong(EDITOR)
    assert page.table(STATUSES) is None
    page.click(problem)
    assert page.place_of_cursor() == [EDITOR, 4, 36]


def test_cells_are_edited_and_one_that_does_not_fit_is_named(page, rows):
    page.fill("total, row 1", "eighty")
    page.wait(lambda: page.is_wrong("total, row 1"))
    assert page.table(STATUSES)[0] == ["1", "total must be a number"]
    page.fill("total, row 1", "80")
    page.fill("plan, row 1", "")
    page.wait_for(lambda: page.table(STATUSES)[0][1:3], ["Sales", "Rule 6"])
    assert not page.is_wrong("total, row 1")
    assert judged(page) == expected(page, rows, RULES, conditions_of(RULES))


def test_rows_and_facts_are_added_with_the_keyboard(page, rows):
    count = len(judged(page))
    page.focus("Add a row")
    page.keys("Enter")
    page.keys("n")  # The focus is in the new row's first cell.
    page.wait_for(lambda: len(judged(page)), count + 1)
    assert page.value(f"user_id, row {count + 1}") == "n"
    # Everything that counts is NULL.
    assert judged(page)[count][:2] == ("Dormant", "Rule 8")
    page.fill(EDITOR, "when region = 'EU' then 'Europe' else null")
    page.click(page.wait(lambda: page.run("return root.querySelector('.plg-said button')?.textContent")))
    page.choose("Type of region", "text")
    page.fill("region, row 2", "EU")
    page.wait_for(lambda: [status for status, _, _ in judged(page)], [None, "Europe", *[None] * (count - 1)])
    page.click(f"Remove row {count + 1}")
    page.wait_for(lambda: len(judged(page)), count)


def statuses_of(rows, query):
    return [status for _, status in rows(query)]


def test_what_is_taken_away_runs(page, rows):
    statuses = [status for status, _, _ in judged(page)]
    assert statuses_of(rows, page.exported("duckdb")) == statuses
    assert statuses_of(rows, page.exported("native")) == statuses
    parse_as_snowflake(page.exported("snowflake"))
    analyse_as_bigquery(page.exported("bigquery"))


def test_the_variables_of_dbt_are_the_rules(page):
    variables = yaml.safe_load(page.exported("dbt"))["vars"]
    assert variables["plg_status_rules"] == RULES
    every = re.findall(r"(?:then|else) '(.*)'$", RULES, re.MULTILINE)
    assert variables["plg_statuses"] == every
    model = page.exported("macro")
    assert re.search(r"{% set rules %}\n(.*)\n{% endset %}", model, re.DOTALL)[1] == RULES.strip()
    assert "{{ plg.status_case_sql(rules) }} as status" in model


def test_texts_that_quotes_could_break_stay_what_they_are(page, rows):
    rules = "when plan = 'a\"b''c\\d $$ {{ e }} ü😀 \"\"\"' then 'It''s: {% x %}'\nelse '# no \\n comment'"
    page.fill(EDITOR, rules)
    page.fill("plan, row 1", "a\"b'c\\d $$ {{ e }} ü😀 \"\"\"")
    page.wait_for(lambda: judged(page)[0][0], "It's: {% x %}")
    statuses = [status for status, _, _ in judged(page)]
    assert statuses[1] == "# no \\n comment"
    assert statuses_of(rows, page.exported("duckdb")) == statuses
    assert statuses_of(rows, page.exported("native")) == statuses
    parse_as_snowflake(page.exported("snowflake"))
    analyse_as_bigquery(page.exported("bigquery"))
    text = page.exported("dbt")
    assert not re.search(r"{{|{%|{#", text)  # dbt may read them as its own.
    variables = yaml.safe_load(text)["vars"]
    assert variables == {"plg_status_rules": rules, "plg_statuses": ["It's: {% x %}", "# no \\n comment"]}


def test_lists_are_facts_too(page, rows):
    page.fill(EDITOR, "when list_contains(tags, 'vip') then 'Key' else 'Other'")
    page.click(page.wait(lambda: page.run("return root.querySelector('.plg-said button')?.textContent")))
    page.choose("Type of tags", "list")
    page.fill("tags, row 1", json.dumps(["beta", None, "vip"]))
    page.wait_for(lambda: [judged(page)[row][0] for row in (0, 1)], ["Key", "Other"])
    assert statuses_of(rows, page.exported("duckdb"))[:2] == ["Key", "Other"]
    analyse_as_bigquery(page.exported("bigquery"))


def test_the_address_keeps_everything(page):
    page.fill("total, row 1", "99")
    page.fill("plan, row 1", "")
    page.fill(EDITOR, RULES.replace("'Nurture'", "'Später'"))
    page.wait_for(lambda: judged(page)[0][0], "Sales")
    page.exported("native")
    before = judged(page)
    page.reload()
    assert judged(page) == before
    assert "Später" in page.export_shown()
    assert "case" in page.export_shown()


@pytest.mark.parametrize(
    "rules",
    [
        "when total between 1 and 10 then 'a' when trial_ends_at < as_of - interval 5 days then 'b' else 'c'",
        "when user_id like 'u0%' then 'a' when is_unsubscribed is null then 'b' else null",
    ],
)
def test_other_rules_agree_with_duckdb_as_well(page, rows, rules):
    page.fill(EDITOR, rules)
    page.wait_for(lambda: judged(page), expected(page, rows, rules, re.findall(r"when (.*?) then '", rules)))
