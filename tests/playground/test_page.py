"""What everybody needs of the page: keyboard, contrast, small screens, no request that leaves it, few bytes."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import show

AXE = Path(os.environ["PLG_PLAYGROUND"]) / "axe-core/axe.min.js"

# The bound of everything that is transferred, without a server that compresses.
MOST_BYTES = 400_000

# Chromium's own bound for a page that is good to look at is 0.1; ours is that nothing moves at all.
SHIFTS = """
const done = arguments[arguments.length - 1];
const told = ({node, previousRect, currentRect}) => [node?.nodeName + '#' + node?.id + '.' + node?.className, previousRect.toJSON(), currentRect.toJSON()];
new PerformanceObserver((list) => done(list.getEntries().map(({value, sources}) => [value, sources.map(told)]))).observe({type: 'layout-shift', buffered: true});
setTimeout(() => done([]), 1000);
"""

# What axe-core finds of WCAG 2.2, levels A and AA, and its own best practices, with all that is folded laid open.
JUDGE = """
const done = arguments[arguments.length - 1];
for (const details of document.querySelectorAll('details')) details.open = true;
axe.run(document).then(({violations, passes}) => done({
  violations: violations.map(({id, nodes}) => [id, nodes.map(({html, any}) => [html.slice(0, 200), any.map(({message}) => message)])]),
  passes: passes.map(({id}) => id),
}));
"""


def panels(page):
    return page.run("return [...document.querySelectorAll('[role=tab]')].map((tab) => tab.id.replace('tab-', ''))")


def test_all_files_together_stay_within_the_bound(folder):
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert {"index.html", "main.js", "style.css", "plg_udfs.bin", "sample.bin"} <= sizes.keys()
    assert sum(sizes.values()) <= MOST_BYTES, sizes


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_panel_can_be_read_by_everybody(window, address, scheme, width):
    show(window, address, scheme, width)
    window.run(AXE.read_text() + "; window.axe = axe")
    for panel in panels(window):
        window.click(f"#tab-{panel}")
        judged = window.run_async(JUDGE)
        assert judged["violations"] == [], panel
        assert {"color-contrast", "label", "select-name", "aria-valid-attr-value"} <= set(judged["passes"])


def test_axe_would_find_what_is_wrong(page):
    page.run(AXE.read_text() + "; window.axe = axe")
    page.run("document.querySelector('label[for=score-workspace]').remove(); document.querySelector('header p').style.color = '#bbb'")
    assert {"select-name", "color-contrast"} <= {rule for rule, _ in page.run_async(JUDGE)["violations"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_scrolls_downwards_only(window, address, scheme):
    show(window, address, scheme, 360)
    for panel in panels(window):
        window.click(f"#tab-{panel}")
        window.run("for (const details of document.querySelectorAll('details')) details.open = true")
        assert window.run("return document.documentElement.scrollWidth") == 360, panel


# A slow device shows what a fast one skips, such as the page before its first line.
@pytest.mark.parametrize("times_slower", [1, 10])
@pytest.mark.parametrize("width", [1200, 360])
def test_nothing_moves_while_the_page_loads(window, address, width, times_slower):
    window.devtools("Emulation.setCPUThrottlingRate", rate=times_slower)
    try:
        show(window, address, width=width)
        shifts = window.run_async(SHIFTS)
    finally:
        window.devtools("Emulation.setCPUThrottlingRate", rate=1)
    assert shifts == []


def test_no_request_leaves_the_page_and_nothing_complains(page, address):
    for panel in panels(page):
        page.click(f"#tab-{panel}")
    asked = page.requested()
    assert f"{address}plg_udfs.bin" in asked
    # What has no host, such as the pictures of Chromium's own controls, is asked of nobody.
    assert {urlsplit(url).netloc for url in asked} - {""} == {urlsplit(address).netloc}
    assert [entry for entry in page.logs("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


def test_the_page_may_ask_nobody_else(page):
    script = "const done = arguments[arguments.length - 1]; fetch('http://127.0.0.1:9/').then(() => done('asked'), (error) => done(error.name));"
    assert page.run_async(script) == "TypeError"
    assert any("Content Security Policy" in entry["message"] for entry in page.logs("browser"))


def test_the_keyboard_reaches_every_control_and_shows_where_it_is(page):
    controls = "main button, main select, main input, main textarea, main summary, main [tabindex='0']"
    page.run(f"window.wanted = new Set([...document.querySelectorAll(`{controls}`)].filter((e) => e.checkVisibility() && !e.disabled && !e.closest('details:not([open]) > :not(summary)')))")
    page.run("document.activeElement.blur()")
    count = page.run("return window.wanted.size")
    assert count > 15
    unseen = []
    for _ in range(3 * count):
        page.press("Tab")
        # A text area is framed together with its gutter.
        unseen += page.run("""
            const at = document.activeElement;
            window.wanted.delete(at);
            const framed = at.closest('.lines') ?? at;
            return at === document.body || getComputedStyle(framed).outlineStyle !== 'none' ? [] : [at.outerHTML.slice(0, 200)];
        """)
        if not page.run("return window.wanted.size"):
            break
    assert page.run("return [...window.wanted].map((e) => e.outerHTML.slice(0, 200))") == []
    assert unseen == []


def test_arrow_keys_go_from_tab_to_tab(page):
    ids = panels(page)
    page.click(f"#tab-{ids[0]}")
    for key, expected in [("ArrowLeft", ids[-1]), ("ArrowRight", ids[0]), ("End", ids[-1]), ("Home", ids[0])]:
        page.press(key)
        state = page.run("return [document.activeElement.id, [...document.querySelectorAll('[role=tabpanel]')].filter((panel) => !panel.hidden).map((panel) => panel.id), document.querySelectorAll('[role=tab][tabindex=\"0\"]').length]")
        assert state == [f"tab-{expected}", [f"panel-{expected}"], 1]


def test_a_what_if_can_be_made_with_the_keyboard_alone(page):
    before = page.run("return document.querySelector('#score-total').dataset.value")
    page.run("document.querySelector('details:has(#score-by) summary').focus()")
    page.press("Enter")
    page.press("Tab")
    assert page.run("return document.activeElement.id") == "score-by"
    while page.run("return document.activeElement.nextSibling?.textContent") != "workspace_downgraded":
        page.press("Tab")
    page.press("Space")
    assert page.wait(f"return document.querySelector('#score-total').dataset.value !== '{before}'")
    # What was drawn anew has the focus that the old one had.
    assert page.run("return document.activeElement.nextSibling.textContent") == "workspace_downgraded"
