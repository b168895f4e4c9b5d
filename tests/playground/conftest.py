"""The page in headless Chromium, and hosts to hold its numbers against."""

import os
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(os.environ["PLG_ROOT"])
DIST = Path(os.environ["PLG_DIST"])
sys.path[:0] = [str(ROOT / "tests/common"), str(ROOT / "tests/googlesql")]

from browser import browser  # noqa: E402  (found by the line above)
from playground import serve  # noqa: E402


@pytest.fixture(scope="session")
def folder():
    """The page as `cargo xtask docs` built it, which a release holds."""
    return DIST / "site/playground"


@pytest.fixture(scope="session")
def address(folder):
    with serve(folder) as address:
        yield address


@pytest.fixture(scope="session")
def window():
    with browser() as window:
        # axe-core looks at everything, on slow cores for a while.
        window.call("POST", "/timeouts", {"script": 60_000})
        yield window


@pytest.fixture
def page(window, address):
    """The window with the page as somebody sees it who opens it first."""
    show(window, address)
    return window


def show(window, address, scheme="light", width=1200):
    """Opens the page anew, also where only the fragment of the address differs, and waits for the first score."""
    window.call("POST", "/url", {"url": "about:blank"})
    window.open(address, scheme, width)
    window.wait("return document.querySelector('#score-movers') !== null")


@pytest.fixture(scope="session")
def database():
    """DuckDB with the functions installed."""
    with duckdb.connect(config={"allow_unsigned_extensions": True, "threads": 2}) as connection:
        connection.execute(f"LOAD '{DIST / 'duckdb/plg.duckdb_extension'}'")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute((DIST / "duckdb/install.sql").read_text())
        yield connection
