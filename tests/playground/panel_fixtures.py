"""One browser for a module, and a server for the built page."""

import functools
import http.server
import os
import sys
import threading
from pathlib import Path

import pytest
from panel_page import PanelPage

sys.path.insert(0, str(Path(os.environ["PLG_ROOT"]) / "tests/dbt"))
from browser import browser  # noqa: E402  (it lies with the tests of the report)

SITE = Path(os.environ["PLG_DIST"]) / "site/playground"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def address():
    """Where the playground is served."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=SITE)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


@pytest.fixture(scope="module")
def window():
    with browser() as window:
        # As wide as a laptop, so that a click hits what it is meant for.
        window.devtools("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)
        yield window


@pytest.fixture
def open_panel(window, address):
    """Opens a panel anew; what the page complained about by the end of a test fails it."""
    window.logs("browser")
    yield lambda panel: PanelPage(window, address, panel)
    assert window.logs("browser") == []
