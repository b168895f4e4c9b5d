"""The report: the numbers on it are those of the tables, and it can be read by everybody, everywhere, without a network."""

import importlib.util
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from browser import Browser, browser
from conftest import ROOT, Build, script

CHARTS = os.environ.get("PLG_CHARTS")

# WCAG 2.2, success criterion 1.4.3.
READABLE = 4.5

# Every text that can be seen, with the contrast between its colour and what is painted below it.
CONTRASTS = """
for (const details of document.querySelectorAll('details')) details.open = true;
const parse = (text) => {
  const [r, g, b, a = 1] = text.match(/[0-9.]+/g).map(Number);
  return {rgb: [r, g, b], a};
};
const over = (top, alpha, ground) => top.map((value, i) => alpha * value + (1 - alpha) * ground[i]);
const ground = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const {rgb, a} = parse(getComputedStyle(at).backgroundColor);
    if (a > 0 && at.namespaceURI.endsWith('xhtml')) return rgb;
  }
  throw new Error('no ground');
};
const luminance = (rgb) => {
  const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const text = walker.currentNode, element = text.parentElement;
  if (!text.data.trim() || element.closest('script, style, noscript') || !element.checkVisibility()) continue;
  const box = element.getBoundingClientRect();
  if (box.right < 0 || box.width === 0) continue;
  const style = getComputedStyle(element), drawn = element.closest('svg');
  let below = ground(element);
  if (drawn) {
    const under = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const shapes = under.filter((shape) => shape.matches('svg rect, svg path, svg circle') && getComputedStyle(shape).fill !== 'none');
    for (const shape of shapes.reverse()) {
      const {rgb, a} = parse(getComputedStyle(shape).fill);
      below = over(rgb, a * Number(getComputedStyle(shape).fillOpacity), below);
    }
  }
  const colour = parse(drawn ? style.fill : style.color);
  const [light, dark] = [luminance(over(colour.rgb, colour.a, below)), luminance(below)].sort((a, b) => b - a);
  found.push([text.data.trim(), (light + 0.05) / (dark + 0.05)]);
}
return found;
"""


def draw(database: Path, page: Path) -> Path:
    assert CHARTS, "PLG_CHARTS is not set: run `cargo xtask test --only dbt`"
    finished = script("report.py", "--database", database, "--charts", CHARTS, "--page", page)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return page


@pytest.fixture(scope="module")
def window():
    with browser() as window:
        yield window


@pytest.fixture(scope="module")
def page(sample_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(sample_build.database, tmp_path_factory.mktemp("report") / "report.html")


def table(window: Browser, identifier: str) -> list[tuple[str, ...]]:
    """The texts of a table's body; a line break in a cell is one here."""
    script = f"""
        return [...document.querySelectorAll('#{identifier} tbody tr')].map((row) => [...row.cells].map(
            (cell) => [...cell.childNodes].map((node) => node.nodeName === 'BR' ? '\\n' : node.textContent).join('').trim()));
    """
    return [tuple(row) for row in window.run(script)]


def texts(rows: list[tuple]) -> list[tuple[str, ...]]:
    return [tuple("" if value is None else str(value) for value in row) for row in rows]


def marks(window: Browser, figure: str, selector: str) -> int:
    """How many shapes of a chart have a size and are not transparent."""
    return window.run(f"""
        return [...document.querySelectorAll('#{figure} svg {selector}')].filter((shape) => {{
            const style = getComputedStyle(shape), box = shape.getBoundingClientRect();
            const painted = style.fill !== 'none' || style.stroke !== 'none';
            return painted && box.width + box.height > 0 && !shape.closest('[aria-label=tip]');
        }}).length;
        """)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_draws_without_a_complaint_and_asks_for_nothing_but_itself(window, page, scheme, width):
    window.show(page, scheme, width)
    assert window.logs("browser") == []
    assert window.requested() == [page.as_uri()]
    assert window.run("return document.documentElement.scrollWidth") <= width


def test_the_page_may_reach_nothing_and_run_nothing_else(window, page):
    window.show(page)
    window.run(
        "const script = document.createElement('script'); script.textContent = 'window.ran = true'; document.body.append(script);"
    )
    window.run("fetch('https://example.org/').catch(() => {}); new Image().src = 'https://example.org/x.png';")
    assert window.run("return window.ran === undefined")
    refused = [entry["message"] for entry in window.logs("browser")]
    for directive in ("script-src", "connect-src", "img-src"):
        assert any(directive in message and "Content Security Policy" in message for message in refused), refused


def test_every_chart_has_a_mark_per_row_of_its_table(window, page, sample_build):
    def numbers(query: str) -> int:
        return sample_build.query(query)[0][0]

    window.show(page)
    for what in ("workspace", "user"):
        bins = numbers(f"select count(distinct (least(floor(total / 5), 19), stage)) from analytics.plg_{what}_scores")
        assert marks(window, f"scores-{what}s", "[aria-label=rect] rect") == bins > 3
    columns = numbers(
        "select count(distinct (as_of, to_stage)) from analytics.plg_stage_flow where to_stage is not null"
    )
    assert marks(window, "flow-chart", "[aria-label=rect] rect") == columns > 8
    bands = numbers(
        "select count(*) from analytics.plg_stage_flow where from_stage is not null and to_stage is not null"
    )
    assert marks(window, "flow-chart", "[aria-label=area] path") == bands > 8
    for place, (_, steps) in enumerate(
        sample_build.query("select funnel, count(*) from analytics.plg_funnel group by funnel order by funnel"), start=1
    ):
        assert marks(window, f"funnel-{place}", "[aria-label=bar] rect") == steps
        assert marks(window, f"funnel-{place}", "[aria-label=link] path") == steps
    for what in ("activation", "habit"):
        assert marks(window, f"{what}-chart", "[aria-label=line] path") == len(table(window, f"{what}-table")) > 1
    assert marks(window, "identities-chart", "[aria-label=bar] rect") == len(table(window, "identities-table")) > 1
    described = window.run(
        "return [...document.querySelectorAll('figure svg[role=img]')].map((svg) => svg.getAttribute('aria-label'))"
    )
    assert len(described) == window.run("return document.querySelectorAll('figure').length") and all(described)


def test_a_bar_is_as_high_as_its_number(window, page, sample_build):
    window.show(page)
    heights = window.run("""
        return [...document.querySelectorAll('#identities-chart [aria-label=bar] rect')].map((bar) => bar.getBoundingClientRect().width);
        """)
    people = sample_build.query("""
        select count(*) from (
            select count(*) as identifiers from analytics.plg_identities where demoted is null group by canonical_id
        ) group by identifiers order by identifiers
        """)
    largest = max(number for (number,) in people)
    assert [height / max(heights) for height in heights] == pytest.approx(
        [number / largest for (number,) in people], abs=0.005
    )


def test_the_tiles_count_the_tables(window, page, sample_build):
    window.show(page)
    tiles = window.run(
        "return [...document.querySelectorAll('.tiles div')].map((tile) => tile.querySelector('dd').textContent)"
    )
    queries = (
        "select sum(event_count) from analytics.plg_daily_events",
        "select count(*) from analytics.plg_user_scores",
        "select count(*) from analytics.plg_workspace_scores",
        "select count(*) from analytics.plg_workspace_scores where stage in ('PQL', 'Hot PQL')",
        "select count(distinct canonical_id) from analytics.plg_identities where demoted is null",
        "select count(*) from analytics.plg_anomalies where status = 'alert'",
    )
    assert tiles == [f"{sample_build.query(query)[0][0]:,.0f}" for query in queries]


def test_the_hottest_workspaces_have_the_scores_stages_and_reasons_of_the_mart(window, page, sample_build):
    window.show(page)
    expected = sample_build.query("""
        select
            workspace_id, printf('%.1f', total), stage,
            (select replace(routing.destinations, '_', ' ') from analytics.plg_routing as routing where routing.workspace_id = scores.workspace_id),
            concat_ws(E'\\n', reason_1, reason_2, reason_3)
        from analytics.plg_workspace_scores as scores order by total desc, workspace_id limit 10
        """)
    shown = [
        (workspace, score, stage, to, why) for workspace, score, stage, to, _, why in table(window, "hottest-table")
    ]
    assert shown == texts(expected)


def test_the_tables_beside_the_charts_hold_the_numbers_of_the_marts(window, page, sample_build):
    window.show(page)
    queries = {
        "scores-workspaces-table": """
            select cast(low as integer) || ' to ' || cast(low + 5 as integer), stage, count(*)
            from (select case when total = 100 then 95 else 5 * floor(total / 5) end as low, stage from analytics.plg_workspace_scores)
            group by low, stage order by low, stage
        """,
        "scores-users-table": """
            select cast(low as integer) || ' to ' || cast(low + 5 as integer), stage, count(*)
            from (select case when total = 100 then 95 else 5 * floor(total / 5) end as low, stage from analytics.plg_user_scores)
            group by low, stage order by low, stage
        """,
        "flow-table": """
            select strftime(as_of, '%Y-%m-%d'), coalesce(from_stage, 'not there yet'), coalesce(to_stage, 'gone'), workspaces
            from analytics.plg_stage_flow
        """,
        "funnel-2-table": """
            select
                step_number || '. ' || step, variant, entered, reached, printf('%.0f%%', 100 * rate_from_start),
                printf('%.0f%% to %.0f%%', 100 * rate_from_start_low, 100 * rate_from_start_high),
                printf('%.1f', median_seconds_from_start / 86400), still_open
            from analytics.plg_funnel where funnel = 'tour'
        """,
        "identities-table": """
            select identifiers, count(*) from (
                select count(*) as identifiers from analytics.plg_identities where demoted is null group by canonical_id
            ) group by identifiers
        """,
        "identity-audit-table": """
            select replace(reason, '_', ' '), count(*), sum(link_count)::bigint from analytics.plg_identity_audit group by reason
        """,
        "ignored-table": """
            select 'event rows', replace(reason, '_', ' '), row_count from analytics.plg_ignored_events where row_count > 0
            union all
            select 'identity links', replace(reason, '_', ' '), row_count from analytics.plg_ignored_identity_links where row_count > 0
            union all
            select 'events not in the scoring model', event, cast(event_count as bigint) from analytics.plg_unknown_events
        """,
    }
    for identifier, query in queries.items():
        shown = [tuple(cell.replace(",", "") for cell in row) for row in table(window, identifier)]
        assert Counter(shown) == Counter(texts(sample_build.query(query))) and shown, identifier


def test_cohorts_that_are_old_enough_have_the_plain_share_of_those_who_got_there(window, page, sample_build):
    window.show(page)
    for what, days in (
        ("activation", "time_to_activation_hours / 24"),
        ("habit", "date_diff('second', created_at, habit_reached_at) / 86400"),
    ):
        plain = sample_build.query(f"""
            select
                strftime(created_at, '%Y-%m') as cohort, count(*), count({days}),
                {", ".join(f"printf('%.0f%%', 100.0 * count_if({days} < {limit}) / count(*))" for limit in (7, 14, 28))}
            from analytics.plg_workspace_signals
            group by cohort
            having min(date_diff('day', created_at, as_of)) > 28 and cohort >= '2026-04' order by cohort
            """)
        shown = {row[0]: row[:6] for row in table(window, f"{what}-table")}
        assert len(plain) >= 2 and [shown[row[0]] for row in plain] == texts(plain)


def test_whoever_is_too_young_counts_for_the_days_it_has_lived():
    sections = load("report_sections")
    # Six reach it on the second day, two after their second day, and two have lived for three days only.
    members = [(30.0, 1.5)] * 6 + [(30.0, 2.0), (30.0, 3.5), (3.9, None), (3.9, None)]
    curve = dict(sections.reached_by_day(members))
    assert curve[0] == curve[1] == 0
    assert curve[2] == pytest.approx(6 / 10)
    # Of the four left one gets there on the third day; on the fourth, one of the single one that is still watched.
    assert curve[3] == pytest.approx(1 - 4 / 10 * 3 / 4)
    assert curve[4] == curve[30] == pytest.approx(1)
    assert max(curve) == 30


def test_a_curve_ends_where_too_few_are_old_enough():
    sections = load("report_sections")
    assert max(day for day, _ in sections.reached_by_day([(9.5, None)] * 4 + [(6.2, 1.0)])) == 6
    assert sections.reached_by_day([(100.0, 1.0)] * 4) == []


def test_light_and_dark_are_different_and_every_text_can_be_read_in_both(window, page):
    shots = {}
    for scheme in ("light", "dark"):
        for width in (390, 1200):
            window.show(page, scheme, width)
            shots[scheme] = window.screenshot()
            window.run("for (const details of document.querySelectorAll('details')) details.open = true;")
            # What is below a text can only be asked for what is in sight.
            height = window.run("return document.documentElement.scrollHeight")
            window.devtools(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=height,
                deviceScaleFactor=1,
                mobile=width < 600,
            )
            contrasts = window.run(CONTRASTS)
            assert len(contrasts) > 300
            faint = {text: round(contrast, 2) for text, contrast in contrasts if contrast < READABLE}
            assert not faint, (scheme, width)
    assert shots["light"] != shots["dark"]


def test_the_measure_of_contrast_finds_what_is_too_faint(window, page):
    window.show(page)
    window.run(
        "document.querySelector('h1').style.color = '#aaa'; document.querySelector('#flow-chart svg text').style.fill = '#aaa';"
    )
    assert len([text for text, contrast in window.run(CONTRASTS) if contrast < READABLE]) >= 2


def test_everything_that_opens_or_leads_somewhere_is_reached_by_the_tab_key(window, page):
    window.show(page)
    window.run("document.querySelector('main details').open = true;")
    wanted = window.run(
        "return [...document.querySelectorAll('a, summary, .scroll')].filter((e) => e.checkVisibility()).length"
    )
    reached = set()
    for _ in range(wanted):
        window.press("Tab")
        reached.add(window.run("return [...document.querySelectorAll('*')].indexOf(document.activeElement)"))
    assert len(reached) == wanted > 15


def test_on_paper_all_numbers_are_open(window, page):
    window.show(page)
    closed = "return document.querySelectorAll('main details:not([open])').length"
    before = window.run(closed)
    window.run("dispatchEvent(new Event('beforeprint'))")
    assert before > 5 and window.run(closed) == 0
    window.run("dispatchEvent(new Event('afterprint'))")
    assert window.run(closed) == before


def test_names_that_look_like_html_are_texts(window, sample_build, tmp_path):
    name = "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
    database = changed(
        sample_build,
        tmp_path,
        (
            "update analytics.plg_workspace_scores set workspace_id = $name where workspace_id = (select arg_max(workspace_id, total) from analytics.plg_workspace_scores)",
            name,
        ),
        ("update analytics.plg_funnel set variant = $name where variant = 'short'", name),
        ("update analytics.plg_unknown_events set event = $name", name),
    )
    window.show(draw(database, tmp_path / "report.html"))
    assert window.run("return window.hacked === undefined") and window.logs("browser") == []
    assert table(window, "hottest-table")[0][0] == name
    assert name in [row[1] for row in table(window, "funnel-2-table")]


def test_health_and_trust_are_shown_where_they_are_measured(window, sample_build, tmp_path):
    database = changed(
        sample_build,
        tmp_path,
        (
            """
            create or replace table analytics.plg_use_case_health as
            select 'w' || number as workspace_id, use_case, case when number < 4 then 'Red' when number < 10 then 'Green' end as colour, 40.0 as score
            from range(12) as numbers (number) cross join (values ('automation'), ('reporting')) as use_cases (use_case)
            where use_case = 'automation' or number > 3
            """,
            None,
        ),
        (
            """
            create or replace table analytics.plg_trust as
            from (values ('rows', 'pass', 1.0, timestamp '2026-07-01'), ('late', 'fail', 0.5, timestamp '2026-07-01'))
            as checks (check_name, status, observed, as_of)
            """,
            None,
        ),
    )
    window.show(draw(database, tmp_path / "report.html"))
    assert window.logs("browser") == []
    assert table(window, "health-table") == [("automation", "4", "0", "6", "2"), ("reporting", "0", "0", "6", "2")]
    assert marks(window, "health-chart", "[aria-label=bar] rect") == 5
    assert "automation is red most often: in 4 workspaces." in window.run(
        "return document.querySelector('#health').innerText"
    )
    assert table(window, "trust-table") == [("late", "fail", "0.5"), ("rows", "pass", "1")]
    assert "2 checks: 1 fail, 1 pass." in window.run("return document.querySelector('#trust').innerText")


def test_a_project_without_health_trust_and_flow_says_so(window, sample_build, tmp_path):
    names = ("plg_use_case_health", "plg_trust", "plg_stage_flow")
    database = changed(sample_build, tmp_path, *((f"drop table if exists analytics.{name}", None) for name in names))
    window.show(draw(database, tmp_path / "report.html"))
    assert window.logs("browser") == []
    for section, name in zip(("health", "trust", "flow"), names):
        assert name in window.run(f"return document.querySelector('#{section}').innerText")


def changed(build: Build, folder: Path, *statements: tuple[str, str | None]) -> Path:
    """A copy of the sample's database, with some tables changed."""
    database = folder / "changed.duckdb"
    shutil.copy(build.database, database)
    with duckdb.connect(database) as connection:
        for statement, name in statements:
            connection.execute(statement, {"name": name} if name else None)
    return database


def load(name: str):
    """A module of the demo, which is no package."""
    specification = importlib.util.spec_from_file_location(name, ROOT / f"xtask/demo/{name}.py")
    module = importlib.util.module_from_spec(specification)
    # Data classes look their module up by its name.
    sys.modules[name] = module
    specification.loader.exec_module(module)
    return module
