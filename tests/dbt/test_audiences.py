"""Histories of audiences, run by run, against histories made in one go from the raw tables."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, Build, dbt, prepare

DAYS = [datetime(2026, 6, day) for day in (8, 12, 17, 22, 26)] + [datetime(2026, 7, 1)]
LEVELS = ["overage_in_app", "overage_email", "overage_sales"]
MODELS = ["plg_audience_members", *(f"plg_{level}" for level in LEVELS)]

# The shipped audience in plain SQL, from the raw tables, at a moment.
EXPECTED = """
    with facts as (
        select
            workspace_id,
            (
                select plan from raw.subscriptions as s
                where s.workspace_id = w.workspace_id and status <> 'canceled'
                order by mrr desc, plan, subscription_id limit 1
            ) in ('free', 'trial', 'team') as self_serve,
            (
                select count(*) from raw.events as e
                where e.workspace_id = w.workspace_id and event = 'core_feature_used' and user_id is not null
                and occurred_at <= $as_of and occurred_at >= date_trunc('day', $as_of) - interval 27 days
            ) as usage,
            (
                select entitlement from raw.entitlements as t
                where t.workspace_id = w.workspace_id and valid_from <= $as_of
                order by valid_from desc limit 1
            ) as allowed,
            exists (
                from raw.sales_activities as a
                where a.workspace_id = w.workspace_id
                and $as_of >= started_at and $as_of < coalesce(ended_at, 'infinity')
            ) or exists (
                from raw.opportunities as o
                where o.workspace_id = w.workspace_id
                and $as_of >= opened_at and $as_of < coalesce(closed_at, 'infinity')
            ) as in_sales,
            exists (
                from raw.exclusions as x
                where x.workspace_id = w.workspace_id and $as_of >= excluded_from
                and $as_of < coalesce(excluded_until, 'infinity')
            ) as excluded
        from (select distinct workspace_id from raw.memberships) as w
    )
    select
        workspace_id,
        case
            when not self_serve or usage <= allowed then 0
            when in_sales then 1
            when usage < 1.5 * allowed then 2
            else 3
        end
    from facts
    where not excluded and allowed is not null and self_serve is not null
"""


def run(database: Path, as_of: datetime, *arguments: str, **variables):
    """Runs the audiences and what they are made from."""
    values = json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}", **variables})
    return dbt(database, "run", "--select", "+plg.marts.audiences", "--vars", values, *arguments)


def query(database: Path, text: str, **parameters) -> list[tuple]:
    # dbt left functions of the extension in the file.
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        return connection.execute(text, parameters).fetchall()


def history(database: Path, model: str) -> list[tuple]:
    columns = "audience, member_id, entered_at, left_at"
    return query(database, f"select {columns} from analytics.{model} order by all")


def levels(database: Path, as_of: datetime) -> dict[str, int]:
    return dict(query(database, EXPECTED, as_of=as_of))


def spells(levels_by_day: dict[datetime, dict[str, int]]) -> list[tuple]:
    """All spells, member by member, from the levels of every day."""
    found = []
    members = {member for level_of in levels_by_day.values() for member in level_of}
    for place, audience in enumerate(LEVELS, start=1):
        for member in members:
            entered_at = None
            for day, level_of in levels_by_day.items():
                is_in = level_of.get(member, 0) >= place
                if is_in and entered_at is None:
                    entered_at = day
                elif not is_in and entered_at is not None:
                    found.append((audience, member, entered_at, day))
                    entered_at = None
            if entered_at is not None:
                found.append((audience, member, entered_at, None))
    return sorted(found, key=lambda spell: (*spell[:3], spell[3] or datetime.max))


@pytest.fixture(scope="module")
def audiences(tmp_path_factory: pytest.TempPathFactory):
    """The database after a run for each day, and the spells that there should be."""
    database = prepare(tmp_path_factory.mktemp("audiences") / "audiences.duckdb")
    # Somebody in all levels leaves by hand for two runs.
    member = next(member for member, level in sorted(levels(database, DAYS[0]).items()) if level == 3)
    hour = timedelta(hours=1)
    query(
        database,
        "insert into raw.exclusions values ($member, 'holidays', $start, $until)",
        member=member, start=DAYS[1] - hour, until=DAYS[3] - hour,
    )
    for day in DAYS:
        finished = run(database, day)
        assert finished.returncode == 0, finished.stdout + finished.stderr
    return database, member, spells({day: levels(database, day) for day in DAYS})


def test_run_by_run_is_the_history_in_one_go(audiences):
    database, member, expected = audiences
    assert history(database, "plg_audience_members") == expected
    for level in LEVELS:
        assert history(database, f"plg_{level}") == [spell for spell in expected if spell[0] == level]


def test_the_history_tells_of_those_who_left_and_came_back(audiences):
    database, member, expected = audiences
    stays = [spell[2:] for spell in expected if spell[:2] == ("overage_in_app", member)]
    assert stays[0] == (DAYS[0], DAYS[1]) and stays[1][0] >= DAYS[3]
    assert {spell[0] for spell in expected} == set(LEVELS)
    assert sum(spell[3] is not None for spell in expected) >= 5


def test_all_generated_tests_pass_on_the_history(audiences):
    database, *_ = audiences
    values = json.dumps({"as_of": f"{DAYS[-1]:%Y-%m-%d %H:%M:%S}"})
    finished = dbt(database, "test", "--select", "plg.marts.audiences", "--vars", values)
    assert finished.returncode == 0, finished.stdout


def test_the_same_moment_again_and_full_refresh_change_nothing(audiences):
    database, _, expected = audiences
    finished = run(database, DAYS[-1], "--full-refresh")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert history(database, "plg_audience_members") == expected


def test_an_earlier_moment_is_refused(audiences):
    database, _, expected = audiences
    finished = run(database, DAYS[2])
    assert finished.returncode != 0
    assert "holds what happened after as_of: histories only go forwards" in finished.stdout
    assert history(database, "plg_audience_members") == expected


def test_a_broken_history_is_found(audiences, tmp_path):
    database, member, _ = audiences
    copy = tmp_path / "broken.duckdb"
    copy.write_bytes(database.read_bytes())
    query(copy, "update analytics.plg_overage_in_app set left_at = null")
    query(copy, "delete from analytics.plg_audience_members where level = 1 and left_at is null")
    query(copy, "insert into raw.exclusions select member_id, 'late', null, null from analytics.plg_overage_sales")
    values = json.dumps({"as_of": f"{DAYS[-1]:%Y-%m-%d %H:%M:%S}"})
    finished = dbt(copy, "test", "--select", "plg.marts.audiences", "--vars", values)
    results = Build(copy, finished).artifact("run_results.json")["results"]
    failed = {result["unique_id"].split(".")[2] for result in results if result["status"] == "fail"}
    assert {
        "spells_do_not_overlap_plg_overage_in_app_",
        "audience_levels_are_nested_plg_audience_members_",
        "audience_spares_excluded_plg_overage_sales_ref_plg_stg_exclusions_",
    } <= failed


OTHER_AUDIENCES = {
    "activity": {
        "levels": [
            {"name": "active", "destination": "in_app", "when": "usage > 0 -- anything"},
            {"name": "very_active", "destination": "email", "when": "usage >= 100"},
        ]
    },
    "reach": {
        "exclusions": [{"name": "in sales", "when": "has_open_engagement or has_open_opportunity"}],
        "levels": [{"name": "reachable", "destination": "e-mail's", "when": "coalesce(is_self_serve, true)"}],
    },
}


def test_other_audiences_replace_the_shipped_one(tmp_path):
    database = prepare(tmp_path / "other.duckdb")
    finished = run(database, DAYS[-1], plg_audiences=OTHER_AUDIENCES)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    counts = query(database, """
        select audience_set, audience, level, destination, count(*) from analytics.plg_audience_members
        group by all order by all
    """)
    assert [row[:4] for row in counts] == [
        ("activity", "active", 1, "in_app"),
        ("activity", "very_active", 2, "email"),
        ("reach", "reachable", 1, "e-mail's"),
    ]
    active = query(database, """
        select count(distinct workspace_id) from raw.events join raw.memberships using (workspace_id)
        where event = 'core_feature_used' and events.user_id is not null
        and occurred_at between '2026-06-04' and '2026-07-01'
    """)
    assert counts[0][4] == active[0][0]
    tables = query(database, "select table_name from information_schema.tables where table_name like 'plg_overage%'")
    assert tables == []


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"a": {}}, "plg_audiences: a.levels is missing"),
        ({"a": {"levels": [{"name": "b", "when": "p"}]}}, "a.levels[0] must have the fields name, destination, when"),
        (
            {"a": {"levels": [{"name": "b", "destination": "c", "when": "p and"}]}},
            "plg_audiences: a: b: line 1, column 6: expected a field",
        ),
    ],
)
def test_a_wrong_declaration_stops_with_its_place(tmp_path, declared, message):
    database = prepare(tmp_path / "wrong.duckdb")
    finished = dbt(database, "parse", "--vars", json.dumps({"plg_audiences": declared, "as_of": "2026-07-01 00:00:00"}))
    assert finished.returncode != 0
    assert message in " ".join(finished.stdout.split())
