"""The site in headless Chromium: nothing fails, nothing is asked of anybody else, and it is searched, switched and read on a phone."""

import os
import sys
from pathlib import Path

import pytest
from blocks import ROOT
from conftest import SITE

sys.path[:0] = [str(ROOT / "tests/common"), str(ROOT / "tests/googlesql")]

from browser import browser  # noqa: E402  (found by the line above)
from playground import serve  # noqa: E402

AXE = Path(os.environ["PLG_PLAYGROUND"]) / "axe-core/axe.min.js"
# One page of each kind: prose, a picture, a guide with tables, a generated page, and the longest one.
PAGES = ["introduction", "concepts/decay", "guides/tester", "functions/score_events", "semantics"]
# What axe-core finds of WCAG 2.2, levels A and AA, and its own best practices, on the whole page: mdBook's frame is ours, too.
# `contrast` are the parts of the page of which the colours of some text were judged.
JUDGE = """
const done = arguments[arguments.length - 1];
axe.run(document).then(({violations, passes}) => done({
  violations: violations.map(({id, nodes}) => [id, nodes.slice(0, 3).map(({html, any, all, none}) => [html.slice(0, 120), [...any, ...all, ...none].map(({message}) => message)])]),
  contrast: ['main', '#mdbook-sidebar', '#mdbook-menu-bar', '#mdbook-searchresults-outer', '#mdbook-theme-list'].filter((part) =>
    passes.some(({id, nodes}) => id === 'color-contrast' && nodes.some(({target}) => document.querySelector(target[0]).closest(part)))),
}));
"""


@pytest.fixture(scope="module")
def address():
    with serve(SITE) as address:
        yield address.rstrip("/")


@pytest.fixture(scope="module")
def window():
    with browser() as window:
        window.call("POST", "/timeouts", {"script": 60_000})
        yield window


def open_page(window, address, scheme="light", width=1200):
    window.open(address, scheme, width)
    window.wait("return document.querySelector('mdbook-sidebar-scrollbox a, #mdbook-sidebar a') !== null")


def settle(window):
    """Waits until nothing moves any more."""
    window.wait("return document.getAnimations().length === 0")


def judge(window):
    """What axe-core says of the page at rest."""
    settle(window)
    window.run(AXE.read_text(encoding="utf-8") + "; window.axe = axe")
    # axe-core takes the page for lying over the sidebar, of which it then judges no colour. They lie side by side.
    window.run("document.querySelector('#mdbook-sidebar').style.zIndex = 1")
    return window.run_async(JUDGE)


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_read_by_everybody(window, address, page, scheme, width):
    open_page(window, f"{address}/{page}.html", scheme, width)
    assert [entry["message"] for entry in window.logs("browser")] == []
    assert [url for url in window.requested() if not url.startswith((address, "data:"))] == []
    judged = judge(window)
    assert judged["violations"] == []
    assert {"main", "#mdbook-menu-bar"} <= set(judged["contrast"])


# What opens the parts of the frame that are closed at first.
PARTS = {
    "#mdbook-sidebar": "#mdbook-menu-bar button[aria-controls=mdbook-sidebar]",
    "#mdbook-theme-list": "#mdbook-theme-toggle",
    "#mdbook-searchresults-outer": "#mdbook-search-toggle",
}


@pytest.mark.parametrize("width", [1200, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("part", PARTS)
def test_what_the_frame_opens_can_be_read_by_everybody(window, address, part, scheme, width):
    open_page(window, f"{address}/introduction.html", scheme, width)
    if not window.run("return document.querySelector(arguments[0]).checkVisibility()", part):
        window.click(PARTS[part])
    if "search" in part:
        window.type("#mdbook-searchbar", "decay")
        window.wait("return document.querySelectorAll('#mdbook-searchresults a').length > 0")
    judged = judge(window)
    assert judged["violations"] == []
    assert part in judged["contrast"]


def test_axe_would_find_what_is_wrong_in_the_frame(window, address):
    open_page(window, f"{address}/introduction.html")
    window.run(
        "document.querySelector('#mdbook-theme-toggle').removeAttribute('title');"
        "document.querySelector('#mdbook-theme-toggle').removeAttribute('aria-label');"
        "document.querySelector('.menu-title').style.color = '#ccc'"
    )
    assert {rule for rule, _ in judge(window)["violations"]} == {"button-name", "color-contrast"}


@pytest.mark.parametrize("width", [1200, 360])
def test_the_keyboard_opens_and_closes_the_sidebar(window, address, width):
    open_page(window, f"{address}/introduction.html", width=width)
    state = """
        const button = document.activeElement;
        return [button.getAttribute('aria-expanded'), document.querySelector('#mdbook-sidebar').checkVisibility()];
    """
    tab_to(window, "button[aria-controls=mdbook-sidebar]")
    is_open = width == 1200
    for key in ("Enter", "Space", "Enter"):
        settle(window)
        assert window.run(state) == [str(is_open).lower(), is_open]
        window.press(key)
        is_open = not is_open
        # It is gone once it has moved away.
        window.wait(f"return document.querySelector('#mdbook-sidebar').checkVisibility() === {str(is_open).lower()}")


def test_the_keyboard_unfolds_what_is_below_a_page(window, address):
    open_page(window, f"{address}/introduction.html")
    link = "#mdbook-sidebar a[href$='functions/score_events.html']"
    fold = "#mdbook-sidebar [role=button][aria-label='Below Functions']"
    state = """
        const [fold, link] = [...arguments].map((selector) => document.querySelector(selector));
        return [fold.getAttribute('aria-expanded'), link.checkVisibility()];
    """
    assert window.run(state, fold, link) == ["false", False]
    tab_to(window, fold)
    for key, shown in [("Enter", ["true", True]), ("Space", ["false", False]), ("Enter", ["true", True])]:
        window.press(key)
        assert window.run(state, fold, link) == shown
    tab_to(window, link)


def test_the_keyboard_reaches_the_button_that_copies_a_block_and_sees_it(window, address):
    open_page(window, f"{address}/introduction.html")
    tab_to(window, "main pre .clip-button")
    opacity = "return getComputedStyle(document.activeElement.closest('.buttons')).opacity"
    window.wait(f"{opacity} === '1'")


def tab_to(window, selector):
    """Presses Tab until an element has the focus."""
    for _ in range(300):
        window.press("Tab")
        if window.run("return document.activeElement.matches(arguments[0])", selector):
            return
    raise AssertionError(f"Tab does not come to {selector}")


def test_the_page_of_the_sidebar_that_is_open_is_told(window, address):
    open_page(window, f"{address}/guides/tester.html")
    current = "return [...document.querySelectorAll('#mdbook-sidebar [aria-current=page]')].map((link) => link.pathname)"
    assert window.run(current) == ["/guides/tester.html"]


@pytest.mark.parametrize("page", PAGES)
def test_a_phone_scrolls_downwards_only(window, address, page):
    window.open(f"{address}/{page}.html", "light", 360)
    assert window.run("return document.documentElement.scrollWidth") <= 360


def test_dark_is_dark(window, address):
    luminance = {}
    for scheme in ("light", "dark"):
        window.open(f"{address}/introduction.html", scheme, 1200)
        colour = window.run("return getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g).map(Number)")
        luminance[scheme] = sum(colour[:3])
    assert luminance["dark"] < 200 < 600 < luminance["light"]


def test_a_search_finds_a_function(window, address):
    window.open(f"{address}/introduction.html?search=decay_half_life", "light", 1200)
    found = "return [...document.querySelectorAll('#mdbook-searchresults a, #searchresults a')].map((link) => link.getAttribute('href')).join(' ')"
    assert "functions/decay_half_life.html" in window.wait(found)


def test_the_introduction_leads_to_the_playground(window, address):
    window.open(f"{address}/introduction.html", "light", 1200)
    window.run("[...document.querySelectorAll('main a')].find((link) => link.textContent == 'playground').click()")
    window.wait("return document.querySelectorAll('[role=tab]').length > 0")
