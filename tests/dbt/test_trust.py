"""plg_trust on the sample, and on a sample in which every kind of check has something to find."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import Build, dbt

STATUSES = "select kind, check_name, subject, status from analytics.plg_trust where status <> 'pass'"
# What the raw tables and the settings are made to be, and the checks that then do not hold.
BROKEN = [
    "insert into raw.users select * from raw.users where user_id = 'u001'",
    "insert into raw.accounts (account_id) values (null)",
    "update raw.memberships set workspace_id = workspace_id || '-gone' where workspace_id < 'w010'",
    "delete from raw.signups",
    "delete from raw.events where user_id = 'u001'",
]
GOLDEN = {"model": "plg_stg_users", "key": {"user_id": "u002"}, "expected": "manager", "column": "role"}
SETTINGS = {"plg_freshness_days": {"events": 0.1}, "plg_max_ignored_share": 0.01, "plg_golden_records": [GOLDEN]}
FOUND = {
    ("uniqueness", "key_is_unique", "users", "fail"),
    ("not_null", "key_is_known", "accounts", "fail"),
    ("relationship", "workspace_id_in_workspaces", "memberships", "warn"),
    ("record_count", "rows", "signups", "warn"),
    ("reconciliation", "rows_are_used_or_ignored", "events", "fail"),
    ("reconciliation", "rows_of_workspaces", "plg_workspace_daily_events", "fail"),
    ("freshness", "age_in_days", "events", "fail"),
    ("guardrail", "share_of_ignored_rows", "events", "warn"),
    ("golden_record", "role of u002", "plg_stg_users", "fail"),
}


@pytest.fixture(scope="module")
def sound_statuses(sample_build: Build) -> set[tuple]:
    return set(sample_build.query(STATUSES))


@pytest.fixture(scope="module")
def broken(sample_build: Build, tmp_path_factory: pytest.TempPathFactory) -> Build:
    database = Path(shutil.copy(sample_build.database, tmp_path_factory.mktemp("trust") / "sample.duckdb"))
    with duckdb.connect(database) as connection:
        for statement in BROKEN:
            connection.execute(statement)
    arguments = ["build", "--select", "plg_trust", "--vars", json.dumps(SETTINGS)]
    return Build(database, dbt(database, *arguments))


def test_the_sample_can_be_trusted_but_for_events_that_the_model_does_not_know(sound_statuses):
    assert sound_statuses == {("guardrail", "share_of_unknown_events", "events", "warn")}


def test_every_kind_of_check_finds_what_it_is_for(broken: Build, sound_statuses):
    assert set(broken.query(STATUSES)) - sound_statuses == FOUND
    kinds = {kind for (kind,) in broken.query("select distinct kind from analytics.plg_trust")}
    assert kinds == {kind for kind, *_ in FOUND}


def test_a_failed_check_fails_the_build(broken: Build):
    assert broken.finished.returncode == 1
    results = broken.artifact("run_results.json")["results"]
    failed = [result["unique_id"] for result in results if result["status"] == "fail"]
    assert [name.split(".")[2] for name in failed] == ["trust_holds_plg_trust_"]


def test_what_was_found_are_the_numbers_of_plain_sql(broken: Build, sample_build: Build):
    observed = {(subject, name): value for subject, name, value in broken.query(
        "select subject, check_name, observed from analytics.plg_trust"
    )}
    assert observed["users", "key_is_unique"] == observed["accounts", "key_is_known"] == 1
    known = """
        select avg((workspace_id in (select workspace_id from raw.workspaces))::int)
        from (select distinct workspace_id from raw.memberships)
    """
    assert observed["memberships", "workspace_id_in_workspaces"] == pytest.approx(broken.query(known)[0][0], abs=1e-12)
    newest = """
        select epoch(timestamp '2026-07-01' - max(occurred_at)) / 86400 from raw.events
        where event <> '' and user_id <> '' and occurred_at <= timestamp '2026-07-01'
    """
    # The rollup is that of the sound sample.
    [(age,)] = sample_build.query(newest)
    assert observed["events", "age_in_days"] == pytest.approx(age, abs=1e-9)


def test_a_golden_record_shows_both_values(broken: Build):
    rows = broken.query("select observed_text, expected_text from analytics.plg_trust where kind = 'golden_record'")
    assert rows == [("other", "manager")]
