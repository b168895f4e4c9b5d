"""Daily activity, sessions, lifecycles and spells of status: borders worked out by hand, and runs one after the other."""

import json
import shutil
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, Build, dbt, prepare

FIRST, SECOND = datetime(2026, 3, 29, 12), datetime(2026, 3, 31, 12)
MINUTE = timedelta(minutes=1)
NEGATIVE = {"workspace_downgraded", "uninstall_integration"}

ROLLUPS = "plg_int_user_event_days plg_int_workspace_event_days"
DAILY = "plg_daily_activity plg_sessions"
MODELS = "+plg_status_history +plg_user_activity +plg_account_activity +plg_daily_active_accounts"

# Who is what on the 31st of March, from the days on which they were active: 28 days before the 24th is the 24th of February.
LIFECYCLES = {
    "new": (["03-24 00:00:00"], "New"),
    "just_not_new": (["03-23 23:59:59.999999"], "Dormant"),
    "active": (["03-23 10:00:00", "03-24 10:00:00"], "Active"),
    "back_after_28": (["02-24 23:00:00", "03-24 01:00:00"], "Resurrected"),
    "back_after_27": (["02-25 01:00:00", "03-24 23:00:00"], "Active"),
    "back_for_long": (["01-10 10:00:00", "03-20 10:00:00", "03-30 10:00:00"], "Active"),
    "back_today": (["01-10 10:00:00", "03-31 12:00:00"], "Resurrected"),
    "dormant_for_8": (["01-10 10:00:00", "03-23 10:00:00"], "Dormant"),
    "dormant_for_28": (["01-10 10:00:00", "03-03 00:00:00"], "Dormant"),
    "gone_for_29": (["01-10 10:00:00", "03-02 23:59:59"], "Churned"),
}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}")


def events() -> list[tuple]:
    """Rows (event, user, workspace, time), all that happens by the second run."""
    rows = [("e", user, "lives", moment(at)) for user, (times, _) in LIFECYCLES.items() for at in times]
    rows.append(("uninstall_integration", "only_negative", "lives", moment("03-30 10:00:00")))
    # 30 minutes are one session, a microsecond more are two; what shows nobody as active keeps none going.
    for at in ("03-27 10:00:00", "03-27 10:30:00", "03-27 11:00:00.000001"):
        rows.append(("e", "careful", "borders", moment(at)))
    for event, at in (("e", "03-27 20:00:00"), ("uninstall_integration", "03-27 20:20:00"), ("e", "03-27 20:40:00")):
        rows.append((event, "careful", "borders", moment(at)))
    # Over midnight, twice at one moment, and in two workspaces and none at once.
    for at in ("03-27 23:50:00", "03-28 00:10:00", "03-28 00:10:00"):
        rows.append(("e", "night", "borders", moment(at)))
    rows.append(("e", "night", "lives", moment("03-28 00:05:00")))
    rows.append(("e", "night", None, moment("03-28 00:06:00")))
    # Somebody who sleeps never, from before the days that the second run opens to the day of it.
    at = moment("03-24 08:00:00")
    while at < moment("03-31 10:00:00"):
        rows.append(("e", "robot", "borders", at))
        at += 20 * MINUTE
    # A session on the last evening before the first run's open days, going on.
    rows += [("e", "owl", "borders", moment("03-25 23:45:00")), ("e", "owl", "borders", moment("03-26 00:05:00"))]
    # What nobody in particular did is usage of a workspace, too.
    rows.append(("usage_limit_hit", None, "lives", moment("03-30 09:00:00")))
    rows += [("e", "bridge", "borders", moment(at)) for at in ("03-28 10:00:00", "03-28 10:50:00")]
    rows += [("e", "mover", "moves", moment(f"0{month}-15 10:00:00")) for month in (1, 2, 3)]
    rows += [("e", "stayer", "stays", moment(f"0{month}-16 10:00:00")) for month in (1, 2, 3)]
    rows += [("e", "later", "stays", SECOND + MINUTE)]
    # Somebody who wants to be forgotten between the runs.
    rows += [("e", "erased", "borders", moment("02-15 10:00:00"))]
    return rows


# Arrive after the first run, about a time before it, one of them weeks before.
LATE = [
    ("e", "bridge", "borders", moment("03-28 10:25:00")), ("e", "tardy", "stays", moment("03-27 09:00:00")),
    ("e", "very_late", "borders", moment("03-02 09:00:00")),
]


def run(database: Path, as_of: datetime, models: str, *arguments: str, command: str = "run"):
    values = json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}"})
    finished = dbt(database, command, "--select", *models.split(), "--vars", values, *arguments)
    return finished


def query(database: Path, text: str, *values) -> list[tuple]:
    # dbt left functions of the extension in the file.
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        return connection.execute(text, values).fetchall()


def daily_tables(database: Path) -> dict[str, list[tuple]]:
    return {table: sorted(query(database, f"from analytics.{table}"), key=repr) for table in DAILY.split()}


def refreshed(database: Path, as_of: datetime) -> dict[str, list[tuple]]:
    """The tables of days as a full refresh makes them, of a copy."""
    copy = database.with_name("refreshed.duckdb")
    shutil.copy(database, copy)
    finished = run(copy, as_of, DAILY, "--full-refresh")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return daily_tables(copy)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database after two runs; before the second one events come late and a workspace gets another account."""
    folder = tmp_path_factory.mktemp("activity")
    file = folder / "events.csv"
    file.write_text("user_id,event,occurred_at\nu,e,2026-01-01\n")
    database = prepare(folder / "activity.duckdb", "--events", file)
    insert = "insert into raw.events (event, user_id, workspace_id, occurred_at) values (?, ?, ?, ?)"
    with duckdb.connect(database) as connection:
        connection.execute("delete from raw.events")
        connection.execute("delete from raw.users")
        connection.execute("delete from raw.memberships")
        connection.executemany(insert, events())
        connection.executemany(
            "insert into raw.workspaces (workspace_id, account_id) values (?, ?)",
            [("moves", "one"), ("stays", "one"), ("lives", "two"), ("borders", None)],
        )
        connection.execute("insert into raw.memberships (workspace_id, user_id) values ('moves', 'mover'), ('lives', 'new')")
        connection.execute("insert into raw.users (user_id) values ('new'), ('mover'), ('never')")
    finished = run(database, FIRST, MODELS)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    for table in ("plg_status_history", "plg_daily_activity", "plg_sessions"):
        query(database, f"create table first_{table} as from analytics.{table}")
    with duckdb.connect(database) as connection:
        connection.executemany(insert, LATE)
        connection.execute("update raw.workspaces set account_id = 'two' where workspace_id = 'moves'")
        connection.execute("delete from raw.events where user_id = 'erased'")
    finished = run(database, SECOND, MODELS)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return database


def sessions_of(rows: list[tuple]) -> list[tuple]:
    """Sessions of rows (user, workspace, time), by reading them one after the other."""
    found = []
    for (user, workspace), group in groupby(sorted(rows, key=lambda row: (row[0], row[1] or "", row[2])), lambda row: row[:2]):
        times = [at for *_, at in group]
        start = 0
        for index in range(1, len(times) + 1):
            if index == len(times) or times[index] - times[index - 1] > 30 * MINUTE:
                seconds = (times[index - 1] - times[start]).total_seconds()
                found.append((user, workspace, times[start].date(), times[start], times[index - 1], seconds, index - start))
                start = index
    return sorted(found, key=repr)


SESSIONS = """
    select user_id, workspace_id, day, started_at, ended_at, duration_seconds, cast(event_count as integer)
    from analytics.plg_sessions
"""


def test_sessions_are_those_that_reading_one_event_after_the_other_finds(used):
    rows = [
        (user, workspace, at) for event, user, workspace, at in events() + LATE
        if user and user != "erased" and event not in NEGATIVE and at <= SECOND
    ]
    assert sorted(query(used, SESSIONS), key=repr) == sessions_of(rows)


def test_half_an_hour_is_one_session_and_a_microsecond_more_is_two(used):
    [first, second, *evening] = query(used, SESSIONS + "where user_id = 'careful' order by started_at")
    assert first[5:] == (1800, 2) and second[5:] == (0, 1)
    assert [session[5] for session in evening] == [0, 0]


def test_a_session_over_midnight_is_of_the_day_it_began(used):
    night = query(used, SESSIONS + "where user_id = 'night' order by started_at")
    assert [(session[1], session[2], session[5:]) for session in night] == [
        ("borders", date(2026, 3, 27), (1200, 3)), ("lives", date(2026, 3, 28), (0, 1)), (None, date(2026, 3, 28), (0, 1)),
    ]


def test_a_session_goes_on_however_many_runs_it_takes(used):
    before = query(used, "select started_at, ended_at from first_plg_sessions where user_id = 'robot'")
    after = query(used, "select started_at, ended_at from analytics.plg_sessions where user_id = 'robot'")
    assert before == [(moment("03-24 08:00:00"), FIRST)]
    assert after == [(moment("03-24 08:00:00"), moment("03-31 09:40:00"))]


def test_nothing_stays_of_who_was_erased(used):
    assert query(used, "from first_plg_sessions where user_id = 'erased'")
    assert not query(used, "from analytics.plg_sessions where user_id = 'erased'")


def test_a_late_event_makes_one_session_of_two(used):
    assert len(query(used, "from first_plg_sessions where user_id = 'bridge'")) == 2
    assert len(query(used, "from analytics.plg_sessions where user_id = 'bridge'")) == 1


@pytest.mark.parametrize("user", LIFECYCLES)
def test_lifecycles_are_what_their_days_say(used, user):
    times, expected = LIFECYCLES[user]
    [(lifecycle, first_seen, last_seen)] = query(
        used, "select lifecycle, first_seen, last_seen from analytics.plg_user_activity where user_id = ?", user
    )
    assert (lifecycle, first_seen, last_seen) == (expected, moment(times[0]), moment(times[-1]))


def test_who_was_never_active_has_no_lifecycle(used):
    rows = query(used, """
        select user_id, lifecycle, first_seen, lifetime_events, active_days_30d, is_dormant_risk
        from analytics.plg_user_activity where user_id in ('never', 'only_negative', 'later') order by user_id
    """)
    assert rows == [("never", None, None, 0, 0, False), ("only_negative", None, None, 1, 0, False)]


def test_dormant_risk_is_28_days_with_and_7_days_without_activity(used):
    at_risk = {user for (user,) in query(used, "select user_id from analytics.plg_user_activity where is_dormant_risk")}
    # The 24th is the last day that is not in the last 7, the 4th the first one in the last 28.
    assert at_risk & set(LIFECYCLES) == {
        "new", "just_not_new", "active", "back_after_28", "back_after_27", "dormant_for_8"
    }


def test_windows_of_users_end_on_the_day_of_as_of(used):
    row = query(used, """
        select active_days_7d, active_days_14d, active_days_30d, lifetime_events, stickiness, events_30d
        from analytics.plg_user_activity where user_id = 'back_for_long'
    """)
    assert row == [(1, 2, 2, 3, 0.5, 2)]


def test_the_first_user_is_the_admin_proxy(used):
    rows = query(used, "select workspace_id, admin_proxy, lifetime_users from analytics.plg_workspace_activity order by all")
    # On the 10th of January four came in the same second; back_for_long has the smallest id.
    assert ("lives", "back_for_long", len(LIFECYCLES) + 1) in rows and ("moves", "mover", 1) in rows


def test_ranks_are_by_events_in_30_days_within_an_account(used):
    ranks = dict(query(used, "select user_id, usage_rank_in_account from analytics.plg_user_activity where account_id = 'two'"))
    counts = {user: sum(moment(at) >= moment("03-02 00:00:00") for at in times) for user, (times, _) in LIFECYCLES.items()}
    expected = {user: 1 + sum(other > count for other in counts.values()) for user, count in counts.items()}
    assert {user: rank for user, rank in ranks.items() if user in counts} == expected


def test_a_second_run_holds_what_a_full_refresh_would(used):
    assert daily_tables(used) == refreshed(used, SECOND)


def test_a_run_for_an_earlier_moment_holds_what_a_full_refresh_would(used, tmp_path):
    copy = tmp_path / "back.duckdb"
    shutil.copy(used, copy)
    finished = run(copy, FIRST, f"{ROLLUPS} {DAILY}")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert daily_tables(copy) == refreshed(copy, FIRST)


def test_a_workspace_that_moves_takes_its_days_along(used):
    rows = "select distinct entity_id from {} where grain = 'account' and day = '2026-01-15' and dau > 0 order by all"
    assert query(used, rows.format("first_plg_daily_activity")) == [("one",)]
    assert query(used, rows.format("analytics.plg_daily_activity")) == [("two",)]
    # What was the account's only day is no longer.
    days = "from {} where grain = 'account' and entity_id = 'one' and day = '2026-01-15'"
    assert query(used, days.format("first_plg_daily_activity")) and not query(used, days.format("analytics.plg_daily_activity"))


def test_a_run_opens_no_more_days_than_may_have_changed(used, tmp_path):
    copy = tmp_path / "closed.duckdb"
    shutil.copy(used, copy)
    # Marks on all days; the day before the one of a new event keeps its mark.
    query(copy, "update analytics.plg_daily_activity set wau = 99 where grain = 'product'")
    query(copy, "insert into raw.events (event, user_id, occurred_at) values ('e', 'latest', '2026-03-28 12:00:00')")
    finished = run(copy, SECOND, f"{ROLLUPS} {DAILY}")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    marked = query(copy, "select max(day) from analytics.plg_daily_activity where wau = 99")
    assert marked == [(date(2026, 3, 27),)]


# Every day and every window counted for itself.
EXPECTED = """
    with active as (
        select distinct
            events.user_id, cast(events.occurred_at as date) as day, events.workspace_id,
            coalesce(accounts.account_id, accounts.declared_account_id) as account_id
        from analytics.plg_stg_events as events left join analytics.plg_workspace_accounts as accounts using (workspace_id)
        where event is not null and user_id is not null and occurred_at <= $as_of
        and event not in ('workspace_downgraded', 'uninstall_integration')
    ),
    users as (
        select 'product' as grain, 'product' as entity_id, user_id, day from active
        union select 'workspace', workspace_id, user_id, day from active where workspace_id is not null
        union select 'account', account_id, user_id, day from active where account_id is not null
    ),
    days as (
        select cast(unnest(generate_series(min(day), cast($as_of as date), interval 1 day)) as date) as day from active
    )
    select
        entities.grain, entities.entity_id, days.day,
        count(distinct users.user_id) filter (where users.day = days.day) as dau,
        count(distinct users.user_id) filter (where users.day > days.day - 7) as wau,
        count(distinct users.user_id) as mau
    from (select distinct grain, entity_id from users) as entities
    cross join days
    left join users
        on entities.grain = users.grain and entities.entity_id = users.entity_id
        and users.day between days.day - 27 and days.day
    group by all
"""


def expected_users(build_or_path, as_of: str) -> dict[tuple, tuple]:
    rows = build_or_path(EXPECTED.replace("$as_of", f"timestamp '{as_of}'"))
    return {row[:3]: row[3:] for row in rows}


def activity_columns(run_query, columns: str) -> dict[tuple, tuple]:
    rows = run_query(f"select grain, entity_id, day, {columns} from analytics.plg_daily_activity")
    return {row[:3]: row[3:] for row in rows}


@pytest.mark.parametrize("database", ["sample", "used"])
def test_active_users_are_those_of_every_window_counted_for_itself(database, sample_build: Build, used):
    run_query = sample_build.query if database == "sample" else lambda text: query(used, text)
    expected = expected_users(run_query, "2026-07-01 00:00:00" if database == "sample" else f"{SECOND}")
    found = activity_columns(run_query, "dau, wau, mau")
    nothing = (0, 0, 0)
    assert {key: counts for key, counts in expected.items() if counts != nothing} == {
        key: counts for key, counts in found.items() if counts != nothing
    }
    assert len(found) > 200
    # Where the table has no row, nobody was active; of the product it has all days.
    days = [key[2] for key in found if key[0] == "product"]
    assert len(days) == (max(days) - min(days)).days + 1


def test_growth_stickiness_and_volume_follow_from_the_counts(sample_build: Build):
    users = expected_users(sample_build.query, "2026-07-01 00:00:00")
    volumes = {row[:3]: row[3] for row in sample_build.query("""
        with events as (
            select workspace_id, user_id, cast(occurred_at as date) as day, event_count
            from analytics.plg_stg_events
            where ignored_reason is null or workspace_ignored_reason is null
        )
        select 'product', 'product', day, sum(event_count) from events group by all
        union all
        select 'workspace', workspace_id, day, sum(event_count) from events where workspace_id is not null group by all
        union all
        select 'account', coalesce(account_id, declared_account_id), day, sum(event_count)
        from events join analytics.plg_workspace_accounts using (workspace_id)
        where coalesce(account_id, declared_account_id) is not null group by all
    """)}
    since = min(day for _, _, day in volumes)
    rows = activity_columns(sample_build.query, """
        event_count, stickiness, net_new_active_users_7d, volume_change_ratio,
        [dau_velocity_7d, dau_velocity_14d, dau_velocity_30d], [wau_velocity_7d, wau_velocity_14d, wau_velocity_30d],
        [mau_velocity_7d, mau_velocity_14d, mau_velocity_30d]
    """)
    seen = set()
    for (grain, entity, day), (events_of_day, stickiness, net_new, ratio, *velocities) in rows.items():
        def volume(first: int, last: int) -> float:
            return sum(volumes.get((grain, entity, day - timedelta(days=ago)), 0) for ago in range(first, last + 1))

        now = users.get((grain, entity, day), (0, 0, 0))
        age = (day - since).days
        assert events_of_day == volume(0, 0)
        assert stickiness == (now[0] / now[2] if now[2] else None)
        before = users.get((grain, entity, day - timedelta(days=7)), (0, 0, 0))
        assert net_new == (now[1] - before[1] if age >= 7 else None)
        assert ratio == (volume(0, 6) / volume(7, 13) if age >= 13 and volume(7, 13) else None)
        for place, of_measure in enumerate(velocities):
            for period, velocity in zip((7, 14, 30), of_measure, strict=True):
                earlier = users.get((grain, entity, day - timedelta(days=period)), (0, 0, 0))
                assert velocity == ((now[place] - earlier[place]) / period if age >= period else None)
                seen.add(velocity is not None and velocity < 0)
    assert seen == {True, False}


def test_active_accounts_are_counted_window_by_window(sample_build: Build):
    found = sample_build.query("""
        select day, active_accounts_1d, active_accounts_7d, active_accounts_28d, active_accounts_7d_velocity_14d
        from analytics.plg_daily_active_accounts order by day
    """)
    active = {row for row in sample_build.query("""
        select entity_id, day from analytics.plg_daily_activity where grain = 'account' and dau > 0
    """)}

    def accounts(day: date, days: int) -> int:
        return len({account for account, at in active if 0 <= (day - at).days < days})

    since = found[0][0]
    for day, *counts, velocity in found:
        assert counts == [accounts(day, days) for days in (1, 7, 28)]
        growth = (accounts(day, 7) - accounts(day - timedelta(days=14), 7)) / 14
        assert velocity == (growth if (day - since).days >= 14 else None)


def test_activity_of_workspaces_agrees_with_their_signals(sample_build: Build):
    rows = sample_build.query("""
        select
            activity.workspace_id, activity.wau, signals.wau, activity.mau, signals.mau,
            activity.active_days_14d, signals.active_days_14d, activity.lifetime_users, signals.lifetime_active_users,
            activity.last_seen, signals.last_active_at
        from analytics.plg_workspace_activity as activity join analytics.plg_workspace_signals as signals using (workspace_id)
    """)
    assert len(rows) == len(sample_build.query("from analytics.plg_workspace_activity")) > 50
    for _, *pairs in rows:
        assert pairs[::2] == pairs[1::2]


def test_sessions_of_the_sample_are_those_that_reading_finds(sample_build: Build):
    rows = sample_build.query("""
        select user_id, workspace_id, occurred_at from analytics.plg_stg_events
        where ignored_reason is null and event not in ('workspace_downgraded', 'uninstall_integration')
    """)
    found = sample_build.query("""
        select user_id, workspace_id, day, started_at, ended_at, duration_seconds from analytics.plg_sessions
    """)
    assert sorted(found, key=repr) == [session[:-1] for session in sessions_of(rows)]


def test_spells_begin_and_end_with_what_they_say(used):
    spells = query(used, "select workspace_id, lifecycle, entered_at, left_at from analytics.plg_status_history order by all")
    lives = [spell for spell in spells if spell[0] == "lives"]
    stays = [spell for spell in spells if spell[0] == "stays"]
    assert lives == [("lives", "Active", FIRST, None)]
    # From the 16th: dormant from the first run on, until tardy's event came late: active less than 7 days ago.
    assert stays == [("stays", "Active", SECOND, None), ("stays", "Dormant", FIRST, SECOND)]
    # The first run's rows are kept, and nothing is there twice.
    assert len(query(used, "from first_plg_status_history")) == len({spell[0] for spell in spells})


def test_spells_only_go_forwards_and_a_full_refresh_spares_them(used):
    before = sorted(query(used, "from analytics.plg_status_history"), key=repr)
    assert run(used, SECOND, "plg_status_history", "--full-refresh").returncode == 0
    assert sorted(query(used, "from analytics.plg_status_history"), key=repr) == before
    finished = run(used, FIRST, "plg_status_history")
    assert finished.returncode != 0
    assert "holds what happened after as_of: histories only go forwards" in " ".join(finished.stdout.split())
