"""A year of 5 million events with planted truth (generate_year.py): the marts recover what was planted."""

import sys
from pathlib import Path

import pytest
from conftest import dbt, install, query, run
from generate_year import VARIABLES

AS_OF = "2026-07-01 00:00:00"


@pytest.fixture(scope="session")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("year") / "year.duckdb"
    run(sys.executable, "-B", Path(__file__).with_name("generate_year.py"), "--database", database)
    install(database)
    dbt(database, "build", AS_OF, VARIABLES)
    return database


def test_the_year_has_five_million_events(year):
    assert query(year, "select count(*) from raw.events") == [(5_000_000,)]


def test_every_row_is_used_or_ignored_for_its_planted_reason(year):
    ignored = dict(query(year, "select reason, row_count from analytics.plg_ignored_events"))
    planted = dict(query(year, "from truth.ignored"))
    assert ignored == planted
    [(used,)] = query(year, "select sum(event_count) from analytics.plg_daily_events where event <> 'new_active_user_day'")
    assert used == 5_000_000 - sum(planted.values())


def test_who_activates_and_when(year):
    # To the millisecond, which is as exactly as the year knows its times.
    [(both, found, planted)] = query(year, """
        select
            count(*) filter (where activated_at = first_key_action_at and abs(hours - time_to_activation_hours) < 1e-6),
            count(first_key_action_at), count(activated_at)
        from analytics.plg_workspace_signals full join truth.activations using (workspace_id)
    """)
    assert both == found == planted and 1_000 < found < 2_200


def test_who_is_one_person(year):
    """Identifiers are of one person where they were planted as one, and of several where they were not."""
    [(identifiers, persons, ids, pairs)] = query(year, """
        select count(*), count(distinct person), count(distinct canonical_id), count(distinct (person, canonical_id))
        from truth.persons join analytics.plg_identities using (identifier_type, identifier)
    """)
    # Of the last ones to come not everything has been seen yet.
    [(known,)] = query(year, f"select count(*) from truth.persons where first_seen <= timestamp '{AS_OF}'")
    assert identifiers == known > 70_000
    assert persons == ids == pairs == query(year, "select count(*) from raw.users")[0][0]


def test_people_who_share_a_device_stay_apart_and_it_is_reported(year):
    refused = query(year, """
        select count(*) from analytics.plg_identity_audit where reason = 'unique_type' and 'kiosk' in (left_value[:5], right_value[:5])
    """)
    # Of the five guests of each device the first one has it.
    assert refused == [(200,)]


def test_who_ran_in_a_loop_and_nobody_else(year):
    # Rollups of days know the day of a loop.
    found = query(year, """
        select user_id, workspace_id, first_at::date from analytics.plg_anomalies where anomaly = 'event_loop' order by all
    """)
    assert found == query(year, "select user_id, workspace_id, hour::date from truth.loops order by all") and len(found) == 12


def test_bursts_of_sign_ups(year):
    found = query(year, "select ip_block, event_count from analytics.plg_anomalies where anomaly = 'signup_burst' order by all")
    assert found == query(year, "select ip_block, signups from truth.bursts order by all")


def test_which_cohort_converts(year):
    found = query(year, """
        select variant, entered, reached from analytics.plg_funnel where funnel = 'tour' and step = 'finished' order by all
    """)
    planted = query(year, """
        select variant, count(*), count(*) filter (where finished) from truth.tour group by variant order by all
    """)
    assert found == planted
    # And that it does is no chance: the intervals lie apart, and hold the planted rates.
    bounds = dict((variant, (low, high)) for variant, low, high in query(year, """
        select variant, rate_from_start_low, rate_from_start_high from analytics.plg_funnel
        where funnel = 'tour' and step = 'finished'
    """))
    assert bounds["control"][0] < 0.20 < bounds["control"][1] < bounds["tour"][0] < 0.35 < bounds["tour"][1]


def test_every_member_of_the_experiment_has_the_planted_variant(year):
    assert query(year, """
        select count(*), count(*) filter (where cohorts.variant = tour.variant)
        from truth.tour join analytics.plg_cohorts as cohorts
            on cohorts.entity_id = tour.user_id and cohorts.experiment = 'onboarding_tour'
    """)[0] == query(year, "select count(*), count(*) from truth.tour")[0]


def test_scores_rank_who_buys_before_who_does_not(year):
    aucs = query(year, "select as_of, auc from analytics.plg_score_validation order by as_of")
    assert len(aucs) == 8 and min(auc for _, auc in aucs) > 0.7, aucs
    won = query(year, "select count(*), max(won_at) < timestamp '2026-07-01' from truth.buyers")
    outcomes = query(year, """
        select count(*) from truth.buyers as buyers
        join (select distinct as_of from analytics.plg_score_validation) as weeks
            on buyers.won_at > weeks.as_of and buyers.won_at <= weeks.as_of + interval 30 days
    """)
    assert won == [(220, True)]
    assert query(year, "select sum(converted) from analytics.plg_score_validation") == outcomes
