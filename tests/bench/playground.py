"""How long it takes from asking for the playground's page until the first score is on the screen: the median of several
starts of the page with an empty cache, in headless Chromium. Prints one JSON object."""

import json
import os
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "common"))

from browser import browser  # noqa: E402  (found by the line above)
from playground import serve  # noqa: E402

STARTS = 9

# The frame after the one in which the score was written is painted with it.
PAINTED = """
const done = arguments[arguments.length - 1];
const look = () => document.querySelector('#score-total') ? requestAnimationFrame(() => setTimeout(() => done(performance.now()))) : requestAnimationFrame(look);
look();
"""


def main() -> None:
    seconds = []
    with serve(Path(os.environ["PLG_DIST"]) / "site/playground") as address, browser() as window:
        # The first start of all warms the browser up, not the page.
        for _ in range(STARTS + 1):
            window.call("POST", "/url", {"url": "about:blank"})
            window.devtools("Network.clearBrowserCache")
            window.open(address)
            milliseconds = window.run_async(PAINTED)
            seconds.append(milliseconds / 1000)
    median = statistics.median(seconds[1:])
    entry = {"name": "playground_first_score", "ours": median, "baseline": None, "ratio": None, "unit": "seconds"}
    print(json.dumps({**entry, "n": STARTS}))


if __name__ == "__main__":
    main()
