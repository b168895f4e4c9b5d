"""Every block of the pages is run, or read by what it is written for.

What follows a fence says how: `sql` runs in DuckDB, all blocks of a page in one session, and a comment behind a semicolon is what
comes back (`-- 4`, with an explanation after a colon, and with three dots where the rest is left out). `json` is a document
for one of the functions, `sql rules` are rules, `sh` are commands (run by a shell, with stand-ins for
what builds or needs an account), `text` is for people alone.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlglot
from blocks import BLOCKS, PAGES, ROOT, Block, of_kind
from conftest import DIST

DBT = os.environ["PLG_PYTHON_DBT"].removesuffix("python") + "dbt"

# Who else runs the blocks of a kind on a page: a test that reads them from the page itself.
ELSEWHERE = {
    ("docs/warehouses/bigquery.md", "sql"): "tests/googlesql/test_documentation.py",
    ("docs/warehouses/snowflake.md", "sql"): "tests/snowflake/test_documentation.py",
    ("docs/warehouses/duckdb.md", "sql"): "tests/duckdb/test_documentation.py",
    ("docs/guides/analytics-engineer.md", "yaml"): "tests/dbt/test_guide.py",
    ("docs/guides/analytics-engineer.md", "sql dbt"): "tests/dbt/test_guide.py",
    ("js/README.md", "js"): "tests/package/package.test.mjs",
    ("js/README.md", "html"): "tests/package/package.test.mjs",
}
HERE = {"sql", "sql snowflake", "json", "sql rules", "sh", "text", "python"}
# tests/dbt/test_blocks.py, where dbt is.
BY_DBT = {"sql dbt", "yaml"}

# The tables that semantics.md speaks of.
TABLES = """
CREATE TABLE events AS
SELECT * FROM (VALUES ('w', 'u', 'd', 'e1', 'upgrade_click', TIMESTAMP '2026-07-01', 1, '', TIMESTAMP '2026-07-02')) AS events
    (workspace_id, user_id, anonymous_id, event_id, event, occurred_at, event_count, model, as_of);
UPDATE events SET model = (SELECT content FROM read_text('udfs/score/documents/starter.json'));
CREATE TABLE links AS SELECT 'a' AS id_a, 'b' AS id_b, 1 AS part;
CREATE TABLE scored AS SELECT * FROM (VALUES (3, 1), (1, 0)) AS scored (total, converted);
"""


def here(kind: str) -> list[Block]:
    return [block for block in of_kind(kind) if (block.page, kind) not in ELSEWHERE]


def test_every_block_has_somebody_who_reads_it():
    unknown = [str(block) for block in BLOCKS if block.kind not in HERE | BY_DBT and (block.page, block.kind) not in ELSEWHERE]
    assert unknown == []
    pages = {(block.page, block.kind) for block in BLOCKS}
    assert [place for place in ELSEWHERE if place not in pages] == []
    for (page, _), test in ELSEWHERE.items():
        named = page if page != "js/README.md" else "README.md"
        assert named in (ROOT / test).read_text(encoding="utf-8"), f"{test} does not read {page}"


def statements(text: str) -> list[tuple[str, str | None]]:
    """Each statement with the comment behind its semicolon. A semicolon ends one at the end of a line, or before a comment."""
    found = []
    rest = text
    while match := re.search(r";[ \t]*(?:--[ \t]*([^\n]*))?(?:\n|$)", rest):
        found.append((rest[: match.start()], match[1]))
        rest = rest[match.end() :]
    # The last one may do without.
    return found + ([(rest, None)] if re.sub(r"--[^\n]*", "", rest).strip() else [])


def agrees(value, promised: str) -> bool:
    """Whether a value is what a comment says."""
    if value is None:
        return promised.split(":")[0] == "NULL"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    for said in (promised, promised.split(": ")[0]):
        if said.endswith("..."):
            if text.startswith(said[:-3]):
                return True
        elif text == said:
            return True
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and re.fullmatch(r"-?[\d.]+", said):
            if float(said) == value:
                return True
    return False


@pytest.mark.parametrize("page", [page for page in PAGES if any(block.page == page for block in here("sql"))])
def test_sql_gives_what_the_page_says(connection, page):
    if page == "docs/semantics.md":
        connection.execute(TABLES)
        coefficients = next(block.text for block in BLOCKS if block.page == page and '"intercept"' in block.text)
        connection.execute("CREATE TABLE model AS SELECT ? AS coefficients", [coefficients])
    for block in here("sql"):
        if block.page != page:
            continue
        for statement, promised in statements(block.text):
            rows = connection.execute(statement).fetchall()
            if promised is not None:
                assert len(rows) == 1 and len(rows[0]) == 1, f"{block}: {statement}"
                assert agrees(rows[0][0], promised), f"{block}: {statement}\ngives {rows[0][0]}, not {promised}"


def test_a_wrong_comment_is_found():
    assert agrees(4.0, "4") and agrees(2.9430355, "2.943...") and agrees(None, "NULL") and agrees(True, "true: as expected")
    assert not agrees(4.0, "5") and not agrees(2.95, "2.943...") and not agrees("a", "b") and not agrees(None, "0")
    assert statements("SELECT 1; -- 1\n-- Why.\nSELECT ';' AS a\nFROM b\n") == [
        ("SELECT 1", "1"),
        ("-- Why.\nSELECT ';' AS a\nFROM b\n", None),
    ]


@pytest.mark.parametrize("block", here("sql snowflake"), ids=str)
def test_snowflakes_sql_parses(block):
    assert all(sqlglot.parse(block.text, dialect="snowflake"))


# By a field that only such a document has: a call that reads it.
DOCUMENTS = {
    "metrics": "plg.usage_metrics([], $1, TIMESTAMP '2026-07-01')",
    "milestones": "plg.milestones([], $1, TIMESTAMP '2026-07-01')",
    "types": "plg.identity_resolve([], NULL, $1, TIMESTAMP '2026-07-01')",
    "levels": "plg.audience_level('{}', $1)",
    "initial": "plg.journey([], $1, TIMESTAMP '2026-07-01')",
    "intercept": "plg.likelihood('{}', $1)",
}


@pytest.mark.parametrize("block", here("json"), ids=str)
def test_documents_are_what_a_function_takes(connection, block):
    document = json.loads(block.text)
    if "window" in document and "steps" in document:
        call = "plg.funnel([], $1, TIMESTAMP '2026-07-01')"
    elif "unless" in document:
        call = "plg.sequence_step('{}', $1, TIMESTAMP '2026-07-01')"
    elif "spam" in document or "bucket" in document:
        # Part of a scoring model: within the one that comes with the package.
        model = json.loads((ROOT / "udfs/score/documents/starter.json").read_text(encoding="utf-8"))
        if "bucket" in document:
            others = [event for event in model["events"] if event["event"] != document["event"]]
            model |= {"events": [*others, document]}
        else:
            model |= {field: model.get(field, {}) | value for field, value in document.items()}
        assert connection.execute("SELECT plg.model_check(?)", [json.dumps(model)]).fetchall() == [([],)]
        return
    else:
        call = DOCUMENTS[next(field for field in DOCUMENTS if field in document)]
    read_facts(connection, call, block.text)


def read_facts(connection, call: str, text: str):
    """Runs a call over a document. Facts that conditions ask for are added until all are there: which those are is not the point."""
    facts = {}
    for _ in range(20):
        try:
            connection.execute("SELECT " + call.replace("{}", json.dumps(facts)) if "{}" in call else "SELECT " + call, [text])
            return
        except Exception as error:
            missing = re.search(r": facts\.(\w+): is missing", str(error))
            assert missing and "{}" in call, str(error)
            facts[missing[1]] = None
    raise AssertionError(f"still missing after {facts}")


@pytest.mark.parametrize("block", here("sql rules"), ids=str)
def test_rules_compile(connection, block):
    names = set(re.findall(r"\b[a-z_]+\b", re.sub(r"--[^\n]*|'[^']*'", "", block.text))) - set("case when then else end and or not null".split())
    facts = json.dumps(dict.fromkeys(names - {"as_of"}))
    assert connection.execute("SELECT plg.status_case(?, ?, TIMESTAMP '2026-07-01')", [facts, block.text]).fetchall() == [(None,)]


@pytest.mark.parametrize("block", here("python"), ids=str)
def test_python_runs(block, tmp_path):
    (tmp_path / "dist").symlink_to(DIST)
    finished = subprocess.run([sys.executable, "-c", block.text], cwd=tmp_path, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr


# Options of programs that need an account, or that nobody installs for the tests: what their own documentation names.
# cloud.google.com/bigquery/docs/reference/bq-cli-reference, docs.snowflake.com (snow sql), duckdb.org/docs (command line).
OPTIONS = {
    ("bq", "query"): {"--use_legacy_sql", "--location", "--max_rows"},
    ("snow", "sql"): {"--database", "--role", "--filename"},
    ("duckdb",): {"-unsigned"},
}
# Stands for a program: notes how it was called, and what it was sent.
STUB = """#!/bin/sh
call=$(mktemp -d "$CALLS/$(date +%s%N).XXXX")
for word in "$0" "$@"; do printf '%s\\0' "$word"; done > "$call/words"
cat > "$call/input"
"""
STUBBED = ["cargo", "dbt", *(program for program, *_ in OPTIONS)]
# What the shell may really run; every other command fails.
REAL = ["sed", "cat", "mktemp", "date", "sh"]


@dataclass(frozen=True)
class Call:
    words: list[str]
    sent: str


def calls_of(text: str, folder: Path) -> list[Call]:
    """Runs commands with stand-ins for what builds, installs or needs an account, and tells how those were called."""
    programs, calls = folder / "programs", folder / "calls"
    for made in (programs, calls):
        made.mkdir()
    for name in STUBBED:
        (programs / name).write_text(STUB)
        (programs / name).chmod(0o755)
    for name in REAL:
        (programs / name).symlink_to(shutil.which(name))
    environment = {"PATH": str(programs), "CALLS": str(calls)}
    finished = subprocess.run(
        [shutil.which("bash"), "-euo", "pipefail", "-c", text], cwd=ROOT, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert finished.returncode == 0, finished.stderr
    found = []
    for call in sorted(calls.iterdir()):
        program, *words = (call / "words").read_text(encoding="utf-8").split("\0")[:-1]
        found.append(Call([Path(program).name, *words], (call / "input").read_text(encoding="utf-8")))
    return found


@functools.cache
def help_of(*program: str) -> str:
    finished = subprocess.run([*program, "--help"], capture_output=True, text=True, cwd=ROOT)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def check_call(call: Call):
    """Holds a call against the program's own help, or what is documented of it; what it is sent or names must be there."""
    options = [word.split("=")[0] for word in call.words if re.match(r"-\w|--\w", word)]
    match call.words:
        case ["cargo", "xtask", command, *rest]:
            known = help_of(os.environ["PLG_XTASK"], command)
            suites = (ROOT / "xtask/src/test/suites.rs").read_text(encoding="utf-8")
            if command == "test":
                assert all(f'name: "{name}"' in suites for option, name in zip(rest, rest[1:]) if option == "--only"), call.words
        case ["dbt", command, *_]:
            known = help_of(DBT, command)
        case ["bq" | "snow" as program, command, *_]:
            known = " ".join(OPTIONS[program, command])
        case ["duckdb", *_]:
            known = " ".join(OPTIONS["duckdb",])
        case _:
            raise AssertionError(f"nobody knows {call.words}")
    assert [option for option in options if not re.search(rf"(?<![\w-]){option}(?![\w-])", known)] == [], call.words
    assert [name for name in call.words if name.startswith("dist/") and not (ROOT / name).exists()] == []
    if call.words[0] == "bq":
        assert 0 < len(call.sent) < 1_000_000 and "YOUR_PROJECT" not in call.sent and "my-project.plg" in call.sent


@pytest.mark.parametrize("block", here("sh"), ids=str)
def test_commands_are_what_their_programs_take(block, tmp_path):
    calls = calls_of(block.text, tmp_path)
    assert calls
    for call in calls:
        check_call(call)


def test_every_part_of_bigquerys_script_is_sent(tmp_path):
    [install, *_] = [block for block in here("sh") if block.page == "docs/warehouses/bigquery.md"]
    sent = [call.sent for call in calls_of(install.text, tmp_path)]
    assert len(sent) == len(list((DIST / "bigquery").glob("install_*.sql"))) > 1
    assert "location = 'EU'" in sent[0]


@pytest.mark.parametrize(
    "text", ["nothing-of-the-kind", "cargo xtask tests", "cargo xtask test --olny core", "cargo xtask test --only cores", "dbt biuld", "bq query --wrong < README.md"]
)
def test_a_wrong_command_is_found(text, tmp_path):
    with pytest.raises((AssertionError, KeyError)):
        for call in calls_of(text, tmp_path):
            check_call(call)
