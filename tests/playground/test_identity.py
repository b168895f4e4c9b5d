"""The panel Identity, against identity_resolve in DuckDB over the same links, which DuckDB's CSV reader has read."""

import json

import pytest
import yaml
from conftest import ROOT
from panel_hosts import analyse_as_bigquery, parse_as_snowflake
from panel_page import PanelPage

LINKS = "Links, one a line"
SETTINGS = "Guardrails"
AUDIT = "What each guardrail did"
IDENTIFIERS = "Every identifier and its person"
GUARDRAILS = (ROOT / "udfs/person/documents/guardrails.json").read_text()

RESOLVE = """
select plg.identity_resolve(
  list({'left_type': left_type, 'left_value': left_value, 'right_type': right_type, 'right_value': right_value,
        'first_seen': first_seen, 'last_seen': last_seen,
        'left_shared': cast(left_type || ':' || left_value = ? as int), 'right_shared': cast(right_type || ':' || right_value = ? as int)}),
  NULL, ?, timestamp '2026-07-01 00:00:00')
from read_csv(?, header = true, all_varchar = false,
  types = {'left_value': 'varchar', 'right_value': 'varchar', 'first_seen': 'timestamp', 'last_seen': 'timestamp'})
"""


@pytest.fixture
def page(window, address):
    return PanelPage(window, address, "identity")


@pytest.fixture
def resolve(page, database, tmp_path):
    """What DuckDB makes of the links on the screen."""

    def resolve(settings=GUARDRAILS, shared=""):
        file = tmp_path / "links.csv"
        file.write_text(page.value(LINKS))
        return database.execute(RESOLVE, [shared, shared, settings, str(file)]).fetchall()[0][0]

    return resolve


def identifiers(page):
    """What the screen says of each identifier: type, value, canonical id, why it stands alone."""
    return [(kind, value, id, demoted or None) for kind, value, _, id, demoted, _ in page.table(IDENTIFIERS)]


def expected_identifiers(resolved):
    return [(row["identifier_type"], row["identifier"], row["canonical_id"], row["demoted"]) for row in resolved["identifiers"]]


def audit(page):
    return [reason for reason, _ in page.table(AUDIT) or []]


def is_as(page, resolved):
    page.wait_for(lambda: (identifiers(page), audit(page)), (expected_identifiers(resolved), [row["reason"] for row in resolved["audit"]]))


def test_persons_and_audit_are_those_of_duckdb(page, resolve):
    resolved = resolve()
    is_as(page, resolved)
    # The sample has what guardrails are for: a value that is nobody's, and a device and an address of several people.
    assert set(audit(page)) == {"blocked_value", "unique_type"}
    assert len({row["canonical_id"] for row in resolved["identifiers"]}) == 6
    numbers = {}
    for _, _, person, id, _, _ in page.table(IDENTIFIERS):
        assert numbers.setdefault(id, person) == person
    assert sorted(numbers.values()) == ["1", "2", "3", "4", "5", "6"]
    said = page.table(AUDIT)
    for row, (_, sentence) in zip(resolved["audit"], said, strict=True):
        assert row["left_value"] in sentence and (row["right_value"] or "") in sentence


def test_without_guardrails_the_shared_device_makes_one_person_of_all(page, resolve):
    settings = json.dumps({"name": "None", "types": [{"type": kind["type"]} for kind in json.loads(GUARDRAILS)["types"]]})
    page.fill(SETTINGS, settings)
    is_as(page, resolve(settings))
    assert len({id for _, _, id, _ in identifiers(page)}) == 1
    assert page.run("return root.textContent.includes('No guardrail had anything to do.')")


def test_a_device_that_is_known_to_be_shared_falls_out(page, resolve):
    page.click("anonymous_id:d-kiosk is shared")
    resolved = resolve(shared="anonymous_id:d-kiosk")
    is_as(page, resolved)
    assert "shared" in audit(page)
    [kiosk] = [row for row in identifiers(page) if row[1] == "d-kiosk"]
    assert kiosk[3] == "shared"
    # The export says so, too.
    assert "left_shared" in page.exported("duckdb")


def graph(page):
    return page.run(
        """
        const graph = root.querySelector(".plg-graph");
        return {
          markup: [...graph.querySelectorAll("line, g")].map((part) => part.outerHTML).join(""),
          nodes: [...graph.querySelectorAll(".plg-node title")].map((title) => title.textContent.split(", person ")[0]),
          refused: graph.querySelectorAll(".plg-refused").length,
          held: graph.querySelectorAll(".plg-edge:not(.plg-refused)").length,
          inside: [...graph.querySelectorAll(".plg-node")].every((node) => {
            const [box, at] = [graph.getBoundingClientRect(), node.querySelector("circle, rect, path").getBoundingClientRect()];
            return at.left >= box.left && at.right <= box.right && at.top >= box.top && at.bottom <= box.bottom;
          }),
        };
        """
    )


def test_the_graph_shows_every_identifier_and_link_and_is_the_same_every_time(page, resolve, window, address):
    resolved = resolve()
    drawn = graph(page)
    assert sorted(drawn["nodes"]) == sorted(f"{row['identifier_type']}:{row['identifier']}" for row in resolved["identifiers"])
    assert drawn["refused"] == sum(row["link_count"] for row in resolved["audit"])
    lines = {frozenset([f"{a}:{b}", f"{c}:{d}"]) for a, b, c, d, *_ in (line.split(",") for line in page.value(LINKS).split("\n")[1:])}
    assert drawn["held"] == len(lines) - drawn["refused"]
    assert drawn["inside"]
    assert graph(PanelPage(window, address, "identity"))["markup"] == drawn["markup"]


def test_a_person_is_found_from_the_table_and_from_the_graph(page):
    page.run("root.querySelector('.plg-node').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
    chosen = "return [...root.querySelectorAll('[aria-pressed=true]')].map((button) => button.textContent)"
    assert set(page.wait(lambda: page.run(chosen))) == {"1"}
    assert page.run("return root.querySelectorAll('.plg-node.plg-chosen').length") == len(page.run(chosen))
    page.run("root.querySelectorAll('[aria-pressed=false]')[0].focus()")
    page.keys("Enter")
    page.wait(lambda: set(page.run(chosen)) == {"2"})
    assert page.run("return document.activeElement.getAttribute('aria-pressed')") == "true", "the focus is lost"


PASTED = """# A comment
user_id:u1 = email:ann@example.com 2026-01-05
user_id:u2, anonymous_id:d 2026-01-02T08:30:00Z
anonymous_id:d -> user_id:u1\t2026-01-03 10:00
"user_id",u3,email,"a,b@example.com",2026-01-01

nonsense
email,x@example.com,crm_contact_id,c1,2026-13-01
user_id,u4,martian,m,2026-01-01
user_id,u5,email,late@example.com,2026-08-01
"""


def test_links_are_read_as_people_paste_them(page, database):
    page.fill(LINKS, PASTED)
    page.wait_for(lambda: len(page.table(IDENTIFIERS) or []), 7)
    problems, lines = page.problems(LINKS)
    assert lines == [7, 8]
    assert ["Line 7", "Line 8"] == [problem.split(":")[0] for problem in problems]
    [[resolved]] = database.execute(
        """
        select plg.identity_resolve([
          {'left_type': 'user_id', 'left_value': 'u1', 'right_type': 'email', 'right_value': 'ann@example.com', 'first_seen': timestamp '2026-01-05', 'last_seen': cast(null as timestamp)},
          {'left_type': 'user_id', 'left_value': 'u2', 'right_type': 'anonymous_id', 'right_value': 'd', 'first_seen': timestamp '2026-01-02 08:30', 'last_seen': null},
          {'left_type': 'anonymous_id', 'left_value': 'd', 'right_type': 'user_id', 'right_value': 'u1', 'first_seen': timestamp '2026-01-03 10:00', 'last_seen': null},
          {'left_type': 'user_id', 'left_value': 'u3', 'right_type': 'email', 'right_value': 'a,b@example.com', 'first_seen': timestamp '2026-01-01', 'last_seen': null},
          {'left_type': 'user_id', 'left_value': 'u4', 'right_type': 'martian', 'right_value': 'm', 'first_seen': timestamp '2026-01-01', 'last_seen': null},
          {'left_type': 'user_id', 'left_value': 'u5', 'right_type': 'email', 'right_value': 'late@example.com', 'first_seen': timestamp '2026-08-01', 'last_seen': null},
        ], NULL, ?, timestamp '2026-07-01')
        """,
        [GUARDRAILS],
    ).fetchall()
    is_as(page, resolved)
    said = page.run("return root.querySelector('.plg-said[role=status]').textContent")
    assert "1 (a type that the guardrails do not list)" in said and "1 (after the point of view)" in said


@pytest.mark.parametrize(
    "right, wrong, line, problem",
    [
        ('"cluster_size": 200', '"cluster_size": 0', 11, "must be a whole number"),
        ('{"type": "email", "at_most": 5}', '{"type": "email", "at_least": 5}', 8, "is not a field"),
        ('"hub_links": 1000,', '"hub_links": 1000', 13, "not JSON"),
    ],
)
def test_a_mistake_in_the_guardrails_is_marked_where_it_is(page, right, wrong, line, problem):
    assert right in GUARDRAILS
    page.fill(SETTINGS, GUARDRAILS.replace(right, wrong))
    page.wait(lambda: page.problems(SETTINGS)[0])
    problems, lines = page.problems(SETTINGS)
    assert lines == [line] and problem in problems[0]
    assert page.table(IDENTIFIERS) is None
    page.click(problems[0])
    assert page.place_of_cursor()[:2] == [SETTINGS, line]


def test_kept_ids_outlive_a_merger(page):
    """Two persons are known; then a link makes them one, and the younger id is absorbed."""
    page.fill(LINKS, "email:a@example.com = anonymous_id:d1 2026-01-01\nemail:b@example.com = anonymous_id:d2 2026-01-02")
    page.wait_for(lambda: len(page.table(IDENTIFIERS) or []), 4)
    before = {value: id for _, value, id, _ in identifiers(page)}
    page.click("Keep these ids for the next run")
    page.wait(lambda: page.run("return root.textContent.includes('2 ids are kept.')"))
    page.fill(LINKS, page.value(LINKS) + "\nemail:a@example.com = email:b@example.com 2026-01-03")
    page.wait_for(lambda: audit(page), ["absorbed"])
    assert len({id for _, _, id, _ in identifiers(page)}) == 1
    assert identifiers(page)[0][2] in before.values()
    assert all(id in page.table(AUDIT)[0][1] for id in before.values())


@pytest.mark.parametrize("kept", [False, True])
def test_what_is_exported_runs(page, database, kept):
    if kept:
        page.click("Keep these ids for the next run")
        page.wait(lambda: page.run("return root.textContent.includes('6 ids are kept.')"))
    [[resolved]] = database.execute(page.exported("duckdb")).fetchall()
    is_as(page, resolved)
    assert len(resolved["minted"]) == (0 if kept else 6)
    parse_as_snowflake(page.exported("snowflake"))
    analyse_as_bigquery(page.exported("bigquery"))


def test_no_links_are_exported_as_a_typed_list(page, database):
    page.fill(LINKS, "")
    page.wait(lambda: "left_type VARCHAR" in page.exported("duckdb"))
    [[resolved]] = database.execute(page.exported("duckdb")).fetchall()
    assert resolved["identifiers"] == []
    analyse_as_bigquery(page.exported("bigquery"))


def test_the_variable_of_dbt_is_the_guardrails(page):
    assert yaml.safe_load(page.exported("dbt"))["vars"]["plg_guardrails"] == GUARDRAILS


def test_the_address_keeps_everything(page):
    page.click("anonymous_id:d-kiosk is shared")
    page.wait(lambda: "shared" in audit(page))
    page.fill(LINKS, page.value(LINKS) + "\nuser_id:neu = email:ü@example.com")
    page.wait(lambda: any(value == "neu" for _, value, *_ in identifiers(page)))
    page.exported("bigquery")
    before = (identifiers(page), audit(page), page.export_shown())
    page.reload()
    assert (identifiers(page), audit(page), page.export_shown()) == before
