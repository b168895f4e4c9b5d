"""No link is dead, on the site and in the files as a code host shows them, and no page of the site asks anybody else."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from blocks import PAGES, ROOT
from conftest import SITE

REPOSITORY = "https://github.com/plg-udfs/plg-udfs/"
# What a browser loads by itself, by element.
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}


class Page(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.links, self.loaded, self.anchors = [], [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[name] for name in ("id", "name") if attributes.get(name)}
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])
        if tag in LOADED and attributes.get(LOADED[tag]):
            self.loaded.append(attributes[LOADED[tag]])


@pytest.fixture(scope="module")
def site() -> dict[str, Page]:
    return {
        str(path.relative_to(SITE)): Page(path.read_text(encoding="utf-8"))
        for path in sorted(SITE.rglob("*.html"))
        # What mdBook puts into a frame has no pages of its own; the playground has tests of its own.
        if path.name != "toc.html" and "playground" not in path.relative_to(SITE).parts
    }


def target(name: str, link: str) -> tuple[str, str]:
    """The file below the site that a link leads to, and the anchor in it."""
    parts = urlsplit(link)
    path = (SITE / name).parent / unquote(parts.path) if parts.path else SITE / name
    resolved = path.resolve()
    if resolved.is_dir():
        resolved = resolved / "index.html"
    return str(resolved.relative_to(SITE.resolve())), unquote(parts.fragment)


def is_elsewhere(link: str) -> bool:
    return bool(urlsplit(link).scheme or urlsplit(link).netloc)


def test_every_page_of_the_summary_is_there_and_no_other(site):
    linked = re.findall(r"\]\(([^)]+\.md)\)", (ROOT / "docs/SUMMARY.md").read_text(encoding="utf-8"))
    assert len(linked) == len(set(linked)) > 20
    # The generated pages of functions are reached from the list of functions.
    functions = {f"functions/{path.stem}.html" for path in (ROOT / "docs/functions").glob("*.md")}
    assert len(site) >= len(linked)
    assert {name for name in site if name.startswith("functions/")} == functions


def test_no_link_is_dead(site):
    dead = []
    for name, page in site.items():
        # What is not found may be anywhere; mdBook gives that page a base of its own.
        for link in [] if name == "404.html" else page.links + page.loaded:
            if is_elsewhere(link):
                continue
            path, anchor = target(name, link)
            if not (SITE / path).is_file():
                dead.append(f"{name}: {link}")
            elif anchor and path in site and anchor not in site[path].anchors:
                dead.append(f"{name}: {link} (no such anchor)")
    assert dead == []


def test_the_guide_for_testers_has_every_suite():
    suites = re.findall(r'^\s*(?:Suite \{ )?name: "([\w-]+)",', (ROOT / "xtask/src/test/suites.rs").read_text(encoding="utf-8"), re.M)
    rows = re.findall(r"^\| (`.+?`) \|", (ROOT / "docs/guides/tester.md").read_text(encoding="utf-8"), re.M)
    assert len(suites) > 12
    assert set(suites) <= {name for row in rows for name in re.findall(r"`([\w-]+)`", row)}


def test_links_to_the_repository_lead_to_files_in_it(site):
    found = {link for page in site.values() for link in page.links if link.startswith(REPOSITORY)}
    assert found
    for link in found:
        path = re.sub(r"^(blob|tree)/main/?", "", link.removeprefix(REPOSITORY).split("#")[0])
        assert (ROOT / path).exists(), link


def test_links_to_others_are_https(site):
    others = {link for page in site.values() for link in page.links if is_elsewhere(link)}
    assert [link for link in others if not re.fullmatch(r"https://[\w.-]+\.[a-z]+(/[^\s]*)?|mailto:[^\s@]+@[\w.-]+", link)] == []


def test_a_page_loads_nothing_from_elsewhere(site):
    assert [f"{name}: {link}" for name, page in site.items() for link in page.loaded if is_elsewhere(link)] == []
    for path in SITE.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", path.read_text(encoding="utf-8")), path


def slug(heading: str) -> str:
    """The anchor that code hosts give to a heading."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def prose(page: str) -> str:
    """A page without its blocks and its code."""
    text = re.sub(r"(?ms)^ *```.*?^ *```$", "", (ROOT / page).read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", "`code`", text)


@pytest.mark.parametrize("page", PAGES)
def test_links_in_the_files_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if is_elsewhere(link) or link.startswith("../pictures/"):
            # Pictures are drawn for the site.
            continue
        path, _, anchor = link.partition("#")
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.exists(), link
        if anchor and there.suffix == ".md":
            text = re.sub(r"(?ms)^ *```.*?^ *```$", "", there.read_text(encoding="utf-8"))
            assert anchor in {slug(heading) for heading in re.findall(r"(?m)^#+ (.+)$", text)}, link
