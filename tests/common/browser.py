"""Headless Chromium, steered through chromedriver: what a page draws, says, asks for and complains about."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
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
        self.open(page.as_uri(), scheme, width)
        self.wait("return [...document.querySelectorAll('figure')].every((figure) => figure.querySelector('svg'))")

    def open(self, address: str, scheme: str = "light", width: int = 1200) -> None:
        """Opens an address in a colour scheme; what was logged before is forgotten."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        phone = width < 600
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=phone)
        self.logs("browser"), self.logs("performance")
        self.call("POST", "/url", {"url": address})

    def wait(self, script: str):
        """Waits until the script returns something that is true, and returns it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"{script}: {self.logs('browser')}"
            time.sleep(0.05)
        return value

    def run(self, script: str, *arguments: object):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def run_async(self, script: str, *arguments: object):
        """What a script calls its last argument with."""
        return self.call("POST", "/execute/async", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> str:
        """The one element of a CSS selector, as its address below the session."""
        found = self.call("POST", "/elements", {"using": "css selector", "value": selector})
        assert len(found) == 1, f"{len(found)} elements are {selector}"
        return f"/element/{next(iter(found[0].values()))}"

    @staticmethod
    def on_current(find: Callable[[], str], act: Callable[[str], object]):
        """What comes of acting on an element. A page may draw it anew between the two: then the new one is acted on."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return act(find())
            except AssertionError as error:
                if "stale element" not in str(error) or time.monotonic() >= end:
                    raise

    def click(self, selector: str) -> None:
        """Scrolls to an element and clicks where it is; fails where something else lies over it."""
        self.on_current(lambda: self.find(selector), lambda element: self.call("POST", f"{element}/click", {}))

    def type(self, selector: str, text: str) -> None:
        """Types at the end of what is in an element."""
        self.on_current(lambda: self.find(selector), lambda element: self.call("POST", f"{element}/value", {"text": text}))

    def retype(self, selector: str, text: str) -> None:
        """Marks what is in an element, and types or pastes something else over it."""
        self.click(selector)
        self.run("document.activeElement.select()")
        self.devtools("Input.insertText", text=text)

    def logs(self, kind: str) -> list[dict]:
        """What was logged since somebody asked last."""
        return self.call("POST", "/se/log", {"type": kind})

    def requested(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        events = (json.loads(entry["message"])["message"] for entry in self.logs("performance"))
        return [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]

    def press(self, key: str) -> None:
        """Presses a key of these names; Space as a letter, too, because it presses buttons as one."""
        codes = {"Tab": 9, "Enter": 13, "Space": 32, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40}
        texts = {"Enter": "\r", "Space": " "}
        typed = {"text": texts[key]} if key in texts else {}
        name = {"Space": " "}.get(key, key)
        for kind in ("keyDown" if typed else "rawKeyDown", "keyUp"):
            self.devtools(
                "Input.dispatchKeyEvent", type=kind, key=name, code=key, windowsVirtualKeyCode=codes[key], **typed
            )

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
