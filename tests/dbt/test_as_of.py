"""Everything depends on the variable as_of, and on no clock."""

import json

import pytest
from conftest import AS_OF, Build, build, dbt, prepare


# A month after the last event, which plg_trust would call stale.
LATER = {"as_of": "2026-08-01 00:00:00", "plg_freshness_days": {"events": 60}}


@pytest.fixture(scope="module")
def earlier_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    database = prepare(tmp_path_factory.mktemp("earlier") / "earlier.duckdb")
    return build(database, "--vars", json.dumps({"as_of": "2026-05-15 12:00:00.5"}))


def test_later_events_count_nowhere_and_are_counted(earlier_build: Build):
    ignored = dict(earlier_build.query("select reason, row_count from analytics.plg_ignored_events"))
    later = earlier_build.query("""
        select count(*) from raw.events
        where occurred_at > '2026-05-15 12:00:00.5' and event is not null and user_id is not null
    """)
    assert ignored["after_as_of"] == later[0][0] > 0
    assert earlier_build.query("select max(last_at) <= '2026-05-15 12:00:00.5' from analytics.plg_daily_events")[0][0]


def test_every_dated_table_says_for_when(earlier_build: Build):
    dated = "plg_user_scores", "plg_user_status", "plg_workspace_scores", "plg_routing", "plg_account_scores"
    for table in dated:
        moments = earlier_build.query(f"select distinct strftime(as_of, '%Y-%m-%d %H:%M:%S.%f') from analytics.{table}")
        assert moments == [("2026-05-15 12:00:00.500000",)]


def test_a_moment_later_than_all_events_only_lets_them_decay(sample_build: Build, tmp_path):
    later = build(prepare(tmp_path / "later.duckdb"), "--vars", json.dumps(LATER))
    assert later.query("select max(total) from analytics.plg_user_scores") < sample_build.query(
        "select max(total) from analytics.plg_user_scores"
    )
    daily = "from analytics.plg_daily_events order by all"
    assert later.query(daily) == sample_build.query(daily)


@pytest.mark.parametrize("value", [None, "", "2026-07-01", "yesterday", "2026-07-01 00:00:00'; drop table x"])
def test_a_moment_that_is_none_stops_with_its_name(sample_build: Build, value: str | None):
    finished = dbt(sample_build.database, "compile", "--vars", json.dumps({"as_of": value}))
    assert finished.returncode != 0
    assert "plg needs the variable as_of, a UTC timestamp such as 2026-07-01 00:00:00" in finished.stdout


def test_the_project_is_set_to_the_end_of_the_sample(sample_build: Build):
    assert sample_build.query(f"select max(occurred_at) < '{AS_OF}' from raw.events")[0][0]
