"""Usage pings of a few self-managed customers, and the health of a few workspaces, by hand."""

import json
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest
from conftest import Build, dbt, prepare

AS_OF = datetime(2026, 3, 20, 12)
PINGS = "+plg_ping_match_rate"
SOURCES = {"usage_pings": {"optional": ["installation_id", "version", "installation_type"]}, "seat_links": {}}
SOURCES["subscriptions"] = {"optional": ["seats_purchased", "started_at", "canceled_at", "deployment"]}

FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
# Subscription, seats, from, to, where it runs.
SUBSCRIPTIONS = [
    ("two_months", 100, "2025-01-01", None, "self_managed"),
    ("several", 50, "2025-01-01", None, "self_managed"),
    ("silent", None, None, None, "self_managed"),
    ("broken", 0, "2026-02-28", None, "self_managed"),
    # Ended at the first instant of the month that it is not part of any more, and just after it.
    ("ended", 10, "2025-01-01", "2026-01-31 23:59:59", "self_managed"),
    ("ending", 10, "2025-01-01", "2026-03-01 00:00:00", "self_managed"),
    ("coming", 10, "2026-04-01", None, "self_managed"),
    ("hosted", 10, "2025-01-01", None, None),
]


def payload(users: int, **counts: object) -> str:
    return json.dumps({"counts_monthly": {"aggregated_metrics": {"core_feature_users": users}}, "counts": counts})


# Subscription, when, installation, version, payload.
RAW_PINGS = [
    ("two_months", "2026-02-03 00:00", "a", "1.8.0", payload(30, nodes=2)),
    ("two_months", "2026-03-03 00:00", "a", "1.9.0-ee", payload(40, nodes=5, runners=-1)),
    # After as_of.
    ("two_months", "2026-03-21 00:00", "a", "2.1.0", payload(1)),
    ("several", "2026-03-01 00:00", "a", "2.0.0", payload(1)),
    ("several", "2026-03-31 23:00", "z", "3.0.0", payload(1)),
    ("several", "2026-03-10 00:00", "b", "main", payload(20, nodes="many")),
    ("broken", "2026-03-01 00:00", "a", None, payload(7)),
    ("broken", "2026-03-02 00:00", "a", None, '{"counts": {"nodes": 1}'),
    ("ending", "2026-02-10 00:00", "a", "2.0.0", "[1]"),
    ("ended", "2026-02-10 00:00", "a", "2.0.0", payload(5)),
    ("hosted", "2026-02-10 00:00", "a", "2.0.0", payload(5)),
    (None, "2026-02-10 00:00", "a", "2.0.0", payload(5)),
]
SEATS = [
    ("two_months", "2026-01-15", 10), ("two_months", "2026-02-28 23:59", 60), ("two_months", "2026-03-05", 120),
    ("two_months", "2026-03-20 13:00", 7), ("several", "2026-03-02", 25), ("broken", "2026-03-02", 3),
]


def query(database: Path, statement: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(statement).fetchall()


def run(database: Path, models: str, **variables: object):
    variables = {"as_of": f"{AS_OF:%Y-%m-%d %H:%M:%S}", "plg_sources": SOURCES} | variables
    return dbt(database, "run", "--select", *models.split(), "--vars", json.dumps(variables))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = prepare(tmp_path_factory.mktemp("pings") / "pings.duckdb")
    with duckdb.connect(database) as connection:
        def rows(table: str, columns: str, values: list[tuple]) -> None:
            connection.execute(f"delete from raw.{table}")
            places = ", ".join("?" for _ in values[0])
            connection.executemany(f"insert into raw.{table} ({columns}) values ({places})", values)

        rows("subscriptions", "subscription_id, seats_purchased, started_at, canceled_at, deployment, plan, status, mrr", [
            (*subscription, "enterprise", "active", 0) for subscription in SUBSCRIPTIONS
        ])
        rows("usage_pings", "subscription_id, created_at, installation_id, version, payload", RAW_PINGS)
        rows("seat_links", "subscription_id, created_at, billable_seats", SEATS)
    finished = run(database, PINGS)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return database


def columns(database: Path, names: str) -> dict[tuple, tuple]:
    found = query(database, f"select subscription_id, month_start, {names} from analytics.plg_usage_pings")
    assert len({row[:2] for row in found}) == len(found)
    return {row[:2]: row[2:] for row in found}


def test_every_self_managed_subscription_has_a_row_in_each_month_in_which_it_ran(database):
    assert columns(database, "ping_count, installation_count, pinged_at") == {
        ("two_months", FEBRUARY): (1, 1, datetime(2026, 2, 3)), ("two_months", MARCH): (1, 1, datetime(2026, 3, 3)),
        ("several", FEBRUARY): (0, 0, None), ("several", MARCH): (2, 2, datetime(2026, 3, 10)),
        ("silent", FEBRUARY): (0, 0, None), ("silent", MARCH): (0, 0, None),
        ("broken", FEBRUARY): (0, 0, None), ("broken", MARCH): (2, 1, datetime(2026, 3, 2)),
        ("ending", FEBRUARY): (1, 1, datetime(2026, 2, 10)), ("ending", MARCH): (0, 0, None),
    }


def test_the_latest_ping_counts_and_one_that_cannot_be_read_stops_nothing(database):
    found = columns(database, "is_readable, ignored_values, reported_mau, reported_mau_change, nodes, nodes_change, runners")
    assert found["two_months", FEBRUARY] == (True, 0, 30, None, 2, None, None)
    assert found["two_months", MARCH] == (True, 1, 40, 10, 5, 3, None)
    assert found["several", MARCH] == (True, 1, 20, None, None, None, None)
    assert found["broken", MARCH] == found["ending", FEBRUARY] == (False, *[None] * 6)
    assert found["silent", MARCH] == (*[None] * 7,)


def test_seats_are_those_reported_by_the_end_of_the_month(database):
    found = columns(database, "billable_seats, seats_purchased, licence_utilisation")
    assert found["two_months", FEBRUARY] == (60, 100, 0.6) and found["two_months", MARCH] == (120, 100, 1.2)
    assert found["several", FEBRUARY] == (None, 50, None) and found["several", MARCH] == (25, 50, 0.5)
    assert found["broken", MARCH] == (3, 0, None) and found["silent", MARCH] == (None, None, None)


def test_versions_are_held_against_what_pings_had_shown_by_then(database):
    found = columns(database, "newest_version, majors_behind, minors_behind, days_behind")
    assert found["two_months", FEBRUARY] == ("1.8.0", 0, 0, 0)
    # 2.0.0 was first seen on 10 February, 1.9.0 in this very ping.
    assert found["two_months", MARCH] == ("2.0.0", 1, 1, 0)
    assert found["several", MARCH] == ("2.0.0", None, None, None)
    assert found["silent", MARCH] == (*[None] * 4,)


def test_match_rates_say_how_much_is_known(database):
    found = query(database, "select * exclude (as_of) from analytics.plg_ping_match_rate order by month_start")
    assert found == [
        # Of five one has a ping that tells anything; three more are of nobody who should report.
        (FEBRUARY, 5, 2, 2 / 5, 1, 1 / 5, 5, 3, 1, 100, 60, 0.6, 1, 1 / 5, 30, 150),
        (MARCH, 5, 3, 3 / 5, 3, 3 / 5, 5, 0, 1, 150, 148, 148 / 150, 2, 2 / 5, 60, 150),
    ]


def test_metrics_are_long_and_only_of_the_latest_pings(database):
    found = query(database, "select subscription_id, month_start, metric, period, is_aggregated, amount from analytics.plg_ping_metrics")
    assert sorted(found) == sorted([
        *((name, month, "core_feature_users", "28d", True, users) for name, month, users in [
            ("two_months", FEBRUARY, 30), ("two_months", MARCH, 40), ("several", MARCH, 20),
        ]),
        ("two_months", FEBRUARY, "nodes", "all_time", False, 2), ("two_months", MARCH, "nodes", "all_time", False, 5),
    ])


def test_releases_and_columns_can_be_declared(database, tmp_path):
    copy = tmp_path / "declared.duckdb"
    copy.write_bytes(database.read_bytes())
    finished = run(copy, "plg_int_usage_pings plg_usage_pings", plg_releases=[
        {"version": "1.9", "released_at": "2025-12-01 00:00:00"}, {"version": 2.0, "released_at": "2026-01-01 00:00:00"},
        {"version": "2.1.0", "released_at": "2026-03-01 00:00:00"}, {"version": "3.0.0", "released_at": "2026-03-09 00:00:00"},
    ], plg_ping_columns={"runners": {"metric": "nodes", "period": "all_time"}})
    assert finished.returncode == 0, finished.stdout + finished.stderr
    found = columns(copy, "newest_version, majors_behind, minors_behind, days_behind, runners")
    assert found["two_months", MARCH] == ("2.1.0", 1, 2, 90, 5)
    # Older than every release: how much older is unknown.
    assert found["two_months", FEBRUARY] == ("2.0", 1, 2, None, 2)


def test_without_the_source_there_are_no_models_of_pings(database, tmp_path):
    listed = dbt(database, "ls", "--resource-type", "model", "--output", "name", "--vars", json.dumps(
        {"as_of": f"{AS_OF:%Y-%m-%d %H:%M:%S}", "plg_sources": {}}
    ))
    assert listed.returncode == 0, listed.stdout + listed.stderr
    names = set(listed.stdout.split())
    assert "plg_use_case_health" in names and not names & {"plg_usage_pings", "plg_ping_metrics", "plg_ping_match_rate", "plg_int_usage_pings"}


def test_a_health_of_ones_own_may_compute_its_measures(sample_build: Build, tmp_path):
    copy = tmp_path / "health.duckdb"
    copy.write_bytes(sample_build.database.read_bytes())
    definition = {"name": "Own", "version": "7", "use_cases": [
        {"use_case": "seats", "measures": [
            {"measure": "used_share", "green": 0.9, "yellow": 0.5}, {"measure": "wau", "green": 6, "yellow": 4},
        ]},
    ]}
    own = {"plg_health": json.dumps(definition), "plg_health_measures": {"used_share": "signals.wau / nullif(signals.lifetime_active_users, 0)"}}
    finished = dbt(copy, "run", "--select", "plg_int_health_results", "plg_use_case_health", "--vars", json.dumps(own))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    different = query(copy, """
        with expected as (
            select
                workspace_id, 'seats' as use_case,
                case when lifetime_active_users = 0 then null when wau / lifetime_active_users >= 0.9 then 88
                    when wau / lifetime_active_users >= 0.5 then 63 else 25 end as first,
                case when wau >= 6 then 88 when wau >= 4 then 63 when wau is not null then 25 end as second
            from analytics.plg_workspace_signals
        )
        from expected full join analytics.plg_use_case_health using (workspace_id, use_case)
        where score is distinct from (coalesce(first, second) + coalesce(second, first)) / 2 or definition_version is distinct from '7'
    """)
    assert different == [] and query(copy, "select count(distinct colour) from analytics.plg_use_case_health") == [(3,)]
    refused = dbt(copy, "parse", "--vars", json.dumps(own | {"plg_health_measures": {"typo": "1"}}))
    assert "plg_health_measures: plg_health has no measure typo" in refused.stdout
