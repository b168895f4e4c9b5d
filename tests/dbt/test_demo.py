"""`cargo xtask demo`, on what `cargo xtask dist` has built."""

import csv
import re
import subprocess
from pathlib import Path

from browser import browser
from conftest import ROOT


def demo(database: Path, *arguments: object) -> subprocess.CompletedProcess:
    command = ["cargo", "xtask", "demo", "--built", "--database", database, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, cwd=ROOT)


def test_the_sample_ends_in_ten_users_with_score_stage_and_reasons(tmp_path):
    finished = demo(tmp_path / "demo.duckdb")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    line = r"^ ?(\d+)  (u\d{3})  (\w+) +(\d+\.\d)  (Hot PQL|PQL|Warm|Not PQL) +(\S.*)$"
    users = re.findall(line, finished.stdout, re.M)
    assert [int(rank) for rank, *_ in users] == list(range(1, 11))
    scores = [float(score) for *_, score, _, _ in users]
    assert scores == sorted(scores, reverse=True) and scores[0] > 50
    with (ROOT / "sample/events.csv").open(newline="") as file:
        latest = max(event["occurred_at"] for event in csv.DictReader(file))
    moment = latest.replace("T", " ").removesuffix("Z")
    assert f"The hottest users at {moment} UTC (model starter, version 1)" in finished.stdout
    assert_hottest_workspaces(finished.stdout)
    assert_workspaces(finished.stdout)
    assert re.search(r"^Users and the CRM: .*exact \d+", finished.stdout, re.M)
    assert re.search(r"^Accounts of workspaces by: .*billing domain \d+", finished.stdout, re.M)
    assert re.search(r"^Workspaces that may be the same: duplicates \d+, environments \d+$", finished.stdout, re.M)
    line = r"^Workspaces by audience: overage_in_app \d+, overage_email \d+, overage_sales \d+$"
    assert re.search(line, finished.stdout, re.M)
    page = tmp_path / "demo.report.html"
    assert f"The report, a page for your browser: {page}" in finished.stdout
    assert "<h2 id=\"hottest-title\">Hottest workspaces</h2>" in page.read_text()


def assert_hottest_workspaces(output: str) -> None:
    """Ten workspaces, each with score, stage, destinations, owner and at least one reason."""
    line = (
        r"^ ?(\d+)  (w\d{3}) +(\d+\.\d)  (Hot PQL|PQL|Warm|Not PQL) +"
        r"((?:csm_expansion|sdr|sdr_light_touch|lifecycle_email|in_app|nurture)(?:, \w+)*) +(AE|CSM|SDR[a-zA-Z ]*?) {2,}(\S.*)$"
    )
    found = re.findall(line, output, re.M)
    assert [int(rank) for rank, *_ in found] == list(range(1, 11))
    scores = [float(row[2]) for row in found]
    assert scores == sorted(scores, reverse=True) and scores[0] > 80
    assert all(re.search(r"[+-]\d+\.\d$", reason) for *_, reason in found)
    assert re.search(r"^Workspaces by stage: Hot PQL \d+, PQL \d+, Warm \d+, Not PQL \d+$", output, re.M)
    assert re.search(r"^Anomalies: .*signup burst 1", output, re.M)


def assert_workspaces(output: str) -> None:
    """The table of workspaces names all six things and has ten rows, each with a step that is due."""
    _, table = output.split("Workspaces with a step that is due: status, journeys, sequence, audience, cohorts\n\n")
    header, line, *rows = table.split("\n\n")[0].splitlines()
    starts = [0, *(match.end() for match in re.finditer(r"-  (?=-)", line))]
    cells = [[row[start:end].strip() for start, end in zip(starts, [*starts[1:], None])] for row in (header, *rows)]
    names = ["workspace", "status", "product", "sales", "due step", "since (UTC)", "audience", "cohorts"]
    assert cells[0] == names
    assert len(rows) == 10 and len({row[0] for row in cells[1:]}) == 10
    assert {row[4] for row in cells[1:]} <= {"Set-up help", "Sales call"}
    assert {row[7] for row in cells[1:]} <= {f"friendly_limits: {name}" for name in ("control", "soft", "none")}
    assert all(row[1] and row[2] for row in cells)


def test_foreign_events_are_rolled_up_and_counted_though_nothing_scores(tmp_path):
    events = tmp_path / "events.csv"
    events.write_text(
        "user_id,event,occurred_at\n"
        "u1,song_played,2026-01-01T10:00:00Z\nu1,song_played,2026-01-01T11:00:00Z\nu2,song_skipped,2026-01-03\n"
    )
    finished = demo(tmp_path / "own.duckdb", "--events", events)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "3 rows of events from 2026-01-01 10:00:00 to 2026-01-03 00:00:00 UTC" in finished.stdout
    assert "Events not in the model (counted, not scored): song_played 2, song_skipped 1" in finished.stdout
    assert re.search(r"^1  u1 +unknown +0\.0  Not PQL +nothing scored$", finished.stdout, re.M)
    with browser() as window:
        window.show(tmp_path / "own.report.html")
        assert window.logs("browser") == []
        text = window.run("return document.body.innerText")
    for said in (
        "No workspace is known, so none has a score.",
        "No workspace has a score.",
        "2 users: 2 Not PQL.",
        "Nobody has entered a funnel.",
        "song_skipped",
    ):
        assert said in text, said


def test_a_date_scores_for_the_end_of_that_day(tmp_path):
    events = tmp_path / "events.csv"
    events.write_text("user_id,event,occurred_at\nu1,upgrade_click,2026-01-01T23:00:00Z\nu1,upgrade_click,2026-01-02\n")
    finished = demo(tmp_path / "own.duckdb", "--events", events, "--as-of", "2026-01-01")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "The hottest users at 2026-01-01 23:59:59 UTC" in finished.stdout
    assert "Rows that count nowhere: after as of 1" in finished.stdout


def test_an_unfit_file_is_named_with_its_problem_and_leaves_no_database(tmp_path):
    events = tmp_path / "events.csv"
    events.write_text("user_id,event\nu1,login\n")
    finished = demo(tmp_path / "own.duckdb", "--events", events)
    assert finished.returncode != 0
    assert f"{events}: column occurred_at missing; the file has user_id, event" in finished.stderr
    assert not (tmp_path / "own.duckdb").exists()


def test_an_existing_database_is_not_replaced(tmp_path):
    database = tmp_path / "mine.duckdb"
    database.write_bytes(b"mine")
    finished = demo(database)
    assert finished.returncode != 0 and "exists; delete it or choose another name" in finished.stderr
    assert database.read_bytes() == b"mine"
