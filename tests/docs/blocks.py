"""The fenced blocks of the pages that are written by hand."""

import os
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(os.environ["PLG_ROOT"])

# What is written by hand. The pages below docs/functions/ are the catalogue's, and tests/duckdb/test_documentation.py runs them.
PAGES = sorted(
    str(path.relative_to(ROOT))
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "dbt/README.md", ROOT / "js/README.md"]
    if path.parent != ROOT / "docs/functions"
)


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, what follows the fence, and its text."""

    page: str
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks_of(page: str) -> list[Block]:
    found = []
    fence = None
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
        opening = re.match(r" *```(.*)$", line)
        if fence is None and opening:
            fence, kind, lines = number, opening[1].strip(), []
        elif fence is not None and opening:
            assert opening[1] == "", f"{page}:{number}: a fence within a fence"
            found.append(Block(page, fence, kind, textwrap.dedent("\n".join(lines)) + "\n"))
            fence = None
        elif fence is not None:
            lines.append(line)
    assert fence is None, f"{page}:{fence}: a fence without end"
    return found


BLOCKS = [block for page in PAGES for block in blocks_of(page)]


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]
