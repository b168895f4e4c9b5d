"""The playground, built over pkg/ and served without compression or any other setting."""

import functools
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))


def build(folder: Path) -> str:
    """Builds the page into a folder; what the build says."""
    modules = [os.environ.get(name) for name in ("PLG_PLAYGROUND", "PLG_BUILD")]
    assert all(modules), "PLG_PLAYGROUND or PLG_BUILD is not set: run `cargo xtask test --only playground`"
    command = ["node", ROOT / "playground/build.mjs", *modules, ROOT / "pkg", folder]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serves a folder on this machine; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
