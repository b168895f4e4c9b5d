"""The daily rollups are incremental: after whatever has happened to the raw rows they are what a first run makes of them."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest
from conftest import AS_OF, Build, dbt, prepare

ROLLUPS = {"plg_int_workspace_event_days": ["workspace_id", "user_id"], "plg_int_user_event_days": ["user_id"]}
SELECTED = ["--select", "+plg_daily_events", "+plg_workspace_daily_events"]
EVENT = "(event, user_id, anonymous_id, workspace_id, occurred_at)"


# What a rollup is, said plainly: users without event, time or user count nowhere, workspaces likewise.
PLAIN = """
    select
        {keys}, event, day, sum(row_count)::bigint, sum(event_count), max(event_count), min(first_at), max(last_at)
    from (
        select
            {keys}, nullif(trim(event), '') as event, occurred_at::date as day, count(*) as row_count,
            sum(coalesce(count, 1)) as event_count, min(occurred_at) as first_at, max(occurred_at) as last_at
        from (select * replace (nullif(trim(user_id), '') as user_id, nullif(trim(workspace_id), '') as workspace_id) from raw.events)
        where nullif(trim(event), '') is not null and {required} is not null and occurred_at <= timestamp '{as_of}'
        group by {keys}, nullif(trim(event), ''), date_trunc('hour', occurred_at), occurred_at::date
    )
    group by {keys}, event, day
"""


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = prepare(tmp_path_factory.mktemp("days") / "days.duckdb")
    run(database)
    return database


def run(database: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
    finished = dbt(database, "run", *SELECTED, *arguments, environment=environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def rollups(database: Path) -> dict[str, list[tuple]]:
    finished = Build(database, None)
    return {name: sorted(finished.query(f"from analytics.{name}"), key=repr) for name in ROLLUPS}


def plain(database: Path, as_of: str = AS_OF) -> dict[str, list[tuple]]:
    finished = Build(database, None)
    return {
        name: sorted(finished.query(PLAIN.format(keys=", ".join(keys), required=keys[0], as_of=as_of)), key=repr)
        for name, keys in ROLLUPS.items()
    }


CHANGES = {
    "events that come late": [
        f"insert into raw.events {EVENT} values ('report_viewed', 'u001', 'd', 'w001', '2026-04-20 10:00:00')",
        # Earlier than everything else of its user.
        f"""
            insert into raw.events {EVENT}
            select 'core_feature_used', user_id, null, workspace_id, '2026-04-01 10:00:00' from raw.events
            where user_id is not null and workspace_id is not null order by occurred_at desc limit 1
        """,
    ],
    "events that go": [
        "delete from raw.events where user_id in ('u001', 'u002')",
        "delete from raw.events where occurred_at::date = '2026-05-05'",
    ],
    "somebody has signed in": ["""
        update raw.events set user_id = 'u001' where rowid = (
            select rowid from raw.events where user_id is null and workspace_id is not null and event is not null limit 1
        )
    """],
    "rows that are altered": [
        "update raw.events set count = 7 where rowid = 100",
        """
            update raw.events set occurred_at = occurred_at + interval 1 second where rowid = (
                select rowid from raw.events
                where occurred_at::date = '2026-05-06' and user_id is not null and workspace_id is not null
                order by occurred_at desc limit 1
            )
        """,
    ],
}


def change(database: Path, *names: str) -> None:
    with duckdb.connect(database) as connection:
        for name in names:
            for statement in CHANGES[name]:
                connection.execute(statement)


def test_a_first_run_rolls_up_every_day(first_run: Path):
    assert rollups(first_run) == plain(first_run)


@pytest.mark.parametrize("name", CHANGES)
def test_after_a_change_the_rollups_are_those_of_the_rows_that_are_there(first_run: Path, tmp_path: Path, name: str):
    database = tmp_path / "changed.duckdb"
    shutil.copy(first_run, database)
    before = rollups(database)
    change(database, name)
    run(database)
    assert rollups(database) == plain(database) != before


def test_days_go_by_and_come_back(first_run: Path, tmp_path: Path):
    database = tmp_path / "moments.duckdb"
    shutil.copy(first_run, database)
    last = rollups(database)
    for moment in ("2026-06-20 12:00:00", "2026-06-20 18:00:00"):
        run(database, "--vars", json.dumps({"as_of": moment}))
        assert rollups(database) == plain(database, moment) != last
    # The environment variable comes before the variable of dbt.
    run(database, environment={"PLG_AS_OF": AS_OF})
    assert rollups(database) == last


def test_only_changed_days_are_written_again(first_run: Path, tmp_path: Path):
    database = tmp_path / "untouched.duckdb"
    shutil.copy(first_run, database)
    with duckdb.connect(database) as connection:
        # What no computation could give stays only where nothing is computed.
        for name in ROLLUPS:
            connection.execute(f"update analytics.{name} set max_per_hour = -1")
        connection.execute(CHANGES["events that come late"][0])
    run(database)
    for name in ROLLUPS:
        days = Build(database, None).query(f"select distinct day::varchar from analytics.{name} where max_per_hour > 0")
        assert days == [("2026-04-20",)]


def test_days_before_the_lookback_stay_as_they_are(first_run: Path, tmp_path: Path):
    database = tmp_path / "lookback.duckdb"
    shutil.copy(first_run, database)
    before = rollups(database)
    change(database, "events that go")
    run(database, "--vars", json.dumps({"plg_event_lookback_days": 30}))
    for name, rows in rollups(database).items():
        day = 3 if len(ROLLUPS[name]) == 2 else 2
        assert {row for row in rows if str(row[day]) <= "2026-06-01"} == {row for row in before[name] if str(row[day]) <= "2026-06-01"}
        recent = [row for row in plain(database)[name] if str(row[day]) > "2026-06-01"]
        assert sorted((row for row in rows if str(row[day]) > "2026-06-01"), key=repr) == recent
