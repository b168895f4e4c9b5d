"""Headless Chromium, steered through chromedriver: what a page draws, says, asks for and complains about."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]

# What chromedriver needs to listen, and a page of this size to be drawn, on slow cores.
PATIENCE_SECONDS = 60


class Browser:
    """One window."""

    def __init__(self, address: str) -> None:
        options = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": FLAGS},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        self.address = address
        session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": options}})
        self.address = f"{address}/session/{session['sessionId']}"

    def call(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def devtools(self, command: str, **parameters: object):
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def show(self, page: Path, scheme: str = "light", width: int = 1200) -> None:
        """Opens the page in a colour scheme, and waits until no chart is missing."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        phone = width < 600
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=phone)
        self.logs("browser"), self.logs("performance")
        self.call("POST", "/url", {"url": page.as_uri()})
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.run(
            "return [...document.querySelectorAll('figure')].every((figure) => figure.querySelector('svg'))"
        ):
            assert time.monotonic() < end, self.logs("browser")
            time.sleep(0.05)

    def run(self, script: str):
        return self.call("POST", "/execute/sync", {"script": script, "args": []})

    def logs(self, kind: str) -> list[dict]:
        """What was logged since somebody asked last."""
        return self.call("POST", "/se/log", {"type": kind})

    def requested(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        events = (json.loads(entry["message"])["message"] for entry in self.logs("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def press(self, key: str) -> None:
        for kind in ("rawKeyDown", "keyUp"):
            self.devtools("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode={"Tab": 9}[key])

    def screenshot(self) -> bytes:
        """The whole page, a PNG."""
        answer = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])


@contextmanager
def browser() -> Iterator[Browser]:
    driver = shutil.which("chromedriver")
    assert driver, "chromedriver was not found; `cargo xtask tools` installs it"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < end and process.poll() is None, "chromedriver does not answer"
                time.sleep(0.05)
        window = Browser(f"http://127.0.0.1:{port}")
        try:
            yield window
        finally:
            window.call("DELETE", "")
    finally:
        process.terminate()
        process.wait()
