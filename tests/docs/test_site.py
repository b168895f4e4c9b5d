"""The site in headless Chromium: nothing fails, nothing is asked of anybody else, and it is searched, switched and read on a phone."""

import json
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
# What axe-core finds of WCAG 2.2, levels A and AA, in what we write; the frame around it is mdBook's.
JUDGE = """
const done = arguments[arguments.length - 1];
axe.run('main', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']}).then(({violations, passes}) => done({
  violations: violations.map(({id, nodes}) => [id, nodes.slice(0, 3).map(({html, any}) => [html.slice(0, 80), any.map(({message}) => message)])]),
  passes: passes.map(({id}) => id),
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


def asked(window) -> set[str]:
    """The addresses that the page asked for since it was opened."""
    messages = [json.loads(entry["message"])["message"] for entry in window.logs("performance")]
    return {m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_can_be_read_by_everybody(window, address, page, scheme):
    window.open(f"{address}/{page}.html", scheme, 1200)
    window.wait("return document.querySelector('mdbook-sidebar-scrollbox a, #mdbook-sidebar a') !== null")
    assert [entry["message"] for entry in window.logs("browser")] == []
    assert [url for url in asked(window) if not url.startswith((address, "data:"))] == []
    window.run(AXE.read_text(encoding="utf-8") + "; window.axe = axe")
    judged = window.call("POST", "/execute/async", {"script": JUDGE, "args": []})
    assert judged["violations"] == []
    assert "color-contrast" in judged["passes"]


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
