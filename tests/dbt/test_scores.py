"""Scores of workspaces run by run: loops, anomalies, rows that lack something, and a history that only grows."""

import json
import os
import subprocess
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import EXTENSION, ROOT, Build, dbt, prepare

NOON = timedelta(hours=12)
FIRST, SECOND, THIRD = (datetime(2026, 3, day) + NOON for day in (10, 11, 24))

MODELS = "+plg_routing +plg_handoff_events +plg_anomalies +plg_workspace_score_changes +plg_account_scores +plg_workspace_ignored_events"


def events() -> list[tuple]:
    """Rows (event, user, workspace, time) of workspaces that each show one thing."""
    rows = []
    today = datetime(2026, 3, 10)

    def happens(workspace: str, user: str | None, event: str | None, at: datetime | None, times: int = 1, every=0):
        for number in range(times):
            rows.append((event, user, workspace, at and at + number * timedelta(seconds=every)))

    # 150 in one hour are a loop; as many in two hours are two busy hours.
    happens("loop", "ada", "upgrade_click", today + timedelta(hours=9), 150, every=20)
    happens("no_loop", "bob", "upgrade_click", today + timedelta(hours=9, minutes=30), 150, every=24)
    for day in range(1, 31):
        # One a day: six are too many, though no day differs from another.
        happens("constant", "cid", "report_viewed", today - timedelta(days=day) + NOON)
        # One and three in turn: eight are far from the median, and no five times the mean.
        happens("alternating", "dan", "report_viewed", today - timedelta(days=day) + NOON, 1 + 2 * (day % 2), every=4000)
    happens("constant", "cid", "report_viewed", today + timedelta(hours=1), 6, every=600)
    happens("alternating", "dan", "report_viewed", today + timedelta(hours=1), 8, every=600)
    # Three in a month are no rate that nine would be too many by.
    happens("rare", "eve", "report_viewed", today - timedelta(days=9), 3, every=86400)
    happens("rare", "eve", "report_viewed", today + timedelta(hours=1), 9, every=600)
    happens("young", "fay", "report_viewed", today - timedelta(days=3), 3, every=86400)
    happens("young", "fay", "report_viewed", today + timedelta(hours=1), 50, every=60)
    # Everything that earns points, shortly before.
    for event in ("workspace_created", "key_action_completed", "first_value_delivered", "upgrade_click", "upgrade_click"):
        happens("hot", "gus", event, today + timedelta(hours=8))
    happens("hot", None, "usage_limit_hit", today + timedelta(hours=8))
    for event, times in (("core_feature_used", 5), ("automation_run", 4), ("invite_sent", 5), ("invite_accepted", 3)):
        happens("hot", "gus", event, today - timedelta(days=times - 1), times, every=86400)
    # What lacks something earns nothing.
    happens("hot", None, "upgrade_click", today)
    happens("hot", "gus", None, today)
    happens("hot", "gus", "upgrade_click", None, 2)
    happens(None, "gus", "upgrade_click", today, 3)
    happens("hot", "gus", "upgrade_click", THIRD + timedelta(days=1), 4)
    return rows


def signups() -> list[tuple]:
    """100 within exactly a minute from one network of each kind, and near misses."""
    start = datetime(2026, 3, 9)
    networks = ("203.0.113.{}", 100, 60), ("2001:db8:7:{}::1", 100, 60), ("198.51.100.{}", 99, 60), ("192.0.2.{}", 100, 61)
    return [
        (address.format(number), start + number * timedelta(seconds=seconds) / 99)
        for address, count, seconds in networks
        for number in range(count)
    ]


def run(database: Path, as_of: datetime, *arguments: str, command: str = "run", models: str = MODELS):
    values = json.dumps({"as_of": f"{as_of:%Y-%m-%d %H:%M:%S}"})
    return dbt(database, command, "--select", *models.split(), "--vars", values, *arguments)


def query(database: Path, text: str, **parameters) -> list[tuple]:
    # dbt left functions of the extension in the file.
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(EXTENSION))
        return connection.execute(text, parameters).fetchall()


# What is kept of the first run.
TABLES = [
    "plg_anomalies", "plg_workspace_scores", "plg_workspace_reasons", "plg_workspace_ignored_events", "plg_account_scores",
    "plg_routing", "plg_handoff_events",
]

HISTORY = """
    select workspace_id, day, as_of, total, stage, previous_total, previous_stage, pql_last_changed_at
    from analytics.plg_score_history order by workspace_id, day
"""


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory):
    """The database after four runs, with tables of the first one, and what the history was after each."""
    folder = tmp_path_factory.mktemp("scores")
    file = folder / "events.csv"
    file.write_text("user_id,event,occurred_at\nu,e,2026-01-01\n")
    database = prepare(folder / "scores.duckdb", "--events", file)
    with duckdb.connect(database) as connection:
        connection.execute("delete from raw.events")
        connection.execute("delete from raw.users")
        connection.executemany(
            "insert into raw.events (event, user_id, workspace_id, occurred_at) values (?, ?, ?, ?)", events()
        )
        connection.executemany("insert into raw.signups (signup_id, ip, occurred_at) values (uuid(), ?, ?)", signups())
        connection.execute("""
            insert into raw.users (user_id, role)
            select distinct user_id, 'workspace_admin' from raw.events where user_id is not null
        """)
        connection.execute("""
            insert into raw.workspaces (workspace_id, account_id, type, created_at)
            select distinct
                workspace_id, 'acme', case when workspace_id = 'loop' then 'sandbox' else 'prod' end,
                case when workspace_id = 'young' then timestamp '2026-03-07' else timestamp '2026-01-01' end
            from raw.events where workspace_id is not null
        """)
        connection.execute("""
            insert into raw.subscriptions (subscription_id, workspace_id, plan, status, mrr, seats_purchased)
            values ('s1', 'hot', 'business', 'active', 90, 5), ('s2', 'hot', 'business', 'active', 18, 1)
        """)
    histories = []
    for as_of, arguments, command in (
        (FIRST, (), "run"),
        (SECOND, (), "run"),
        (SECOND + timedelta(hours=6), (), "run"),
        # With the tests of everything that is built.
        (THIRD, ("--full-refresh", "--indirect-selection", "cautious"), "build"),
    ):
        finished = run(database, as_of, *arguments, command=command)
        assert finished.returncode == 0, finished.stdout + finished.stderr
        histories.append(query(database, HISTORY))
        if as_of == FIRST:
            for table in TABLES:
                query(database, f"create table first_{table} as from analytics.{table}")
    return database, histories


def test_a_loop_is_flagged_costs_ten_points_and_scores_no_more_than_its_beginning(scored):
    database, _ = scored
    scores = {
        workspace: rest for workspace, *rest in query(database, """
            select workspace_id, flags, negative_points, last_high_intent_at from first_plg_workspace_scores
        """)
    }
    flags, points, last_at = scores["loop"]
    assert "event_loop" in flags.split(", ")
    # Ten points, three hours later less some: exp(-x / 30 d) is above 1 - x / 30 d.
    age = (FIRST - last_at) / timedelta(days=1)
    assert -10 < points < -10 * (1 - age / 30) + 1e-3
    assert "event_loop" not in scores["no_loop"][0] and scores["no_loop"][1] == 0
    ignored = dict(query(database, """
        select workspace_id, event_count from first_plg_workspace_ignored_events where reason = 'in_loop'
    """))
    assert ignored == {"loop": 51}
    loops = query(database, """
        select workspace_id, user_id, event, event_count, last_at from first_plg_anomalies where anomaly = 'event_loop'
    """)
    assert loops == [("loop", "ada", "upgrade_click", 150, datetime(2026, 3, 10, 9) + 149 * timedelta(seconds=20))]


def test_unusual_days_are_told_from_those_that_cannot_be(scored):
    database, _ = scored
    rates = {
        workspace: rest for workspace, *rest in query(database, """
            select workspace_id, status, event_count, mean, ratio, robust_z
            from first_plg_anomalies where anomaly = 'rate_anomaly'
        """)
    }
    # No day differs from another, so there is no robust z.
    assert rates["constant"] == ["alert", 6, 1, 6, None]
    status, today, mean, ratio, robust_z = rates["alternating"]
    assert (status, today, mean, ratio) == ("alert", 8, 2, 4)
    assert robust_z == pytest.approx(0.6745 * 6, rel=1e-12)
    # Far more than the mean, which is too low to alert.
    assert rates["rare"][:2] == ["normal", 9] and rates["rare"][2] == pytest.approx(0.1)
    assert rates["young"] == ["insufficient_history", 50, None, None, None]
    # No event today, none before but one day's.
    assert rates["hot"][0] == "normal"


def test_bursts_are_a_hundred_signups_of_a_network_within_a_minute(scored):
    database, _ = scored
    bursts = query(database, """
        select ip_block, event_count from first_plg_anomalies where anomaly = 'signup_burst' order by ip_block
    """)
    assert bursts == [("2001:db8:7::/48", 100), ("203.0.113.0/24", 100)]


def test_what_lacks_something_gets_no_score_and_is_counted_by_reason(scored):
    database, _ = scored
    ignored = query(database, """
        select workspace_id, reason, event_count from first_plg_workspace_ignored_events
        where workspace_id = 'hot' or workspace_id is null
    """)
    counts = {(workspace, reason): count for workspace, reason, count in ignored}
    assert counts[None, "no_workspace"] == 3
    assert counts["hot", "no_event"] == 1
    assert counts["hot", "no_timestamp"] == 2
    assert counts["hot", "after_as_of"] == 4
    # Of the two events without user one is the workspace's.
    assert counts["hot", "no_user"] == 1


def test_a_paying_workspace_goes_to_expansion_with_what_to_say(scored):
    database, _ = scored
    [route] = query(database, """
        select route, destinations, owner_team, owner, seats, admins, champions, opener
        from first_plg_routing where workspace_id = 'hot'
    """)
    assert route[:7] == ("expansion", "csm_expansion", "CSM", None, 6, "gus", "gus")
    reasons = query(database, """
        select sentence from first_plg_workspace_reasons where workspace_id = 'hot' order by reason_rank limit 2
    """)
    assert all(sentence in route[7] for (sentence,) in reasons) and len(reasons) == 2
    # All within one second: the last five by name, and by user where the name is the same.
    last = query(database, """
        select event, user_id, occurred_at from first_plg_handoff_events where workspace_id = 'hot' order by event_rank
    """)
    latest = sorted(row for row in events() if row[2] == "hot" and row[0] and row[3] == datetime(2026, 3, 10, 8))
    assert last == [(event, user, at) for event, user, _, at in latest[:5]]


def test_an_account_has_the_score_of_its_production_workspaces(scored):
    database, _ = scored
    [(total, workspace, workspaces, others)] = query(database, """
        select total, workspace_id, workspaces, workspaces_of_other_type from first_plg_account_scores
    """)
    [(best,)] = query(database, "select max(total) from first_plg_workspace_scores where type = 'prod'")
    assert (total, workspace, workspaces, others) == (best, "hot", 6, 1)


def test_every_run_adds_a_row_per_workspace_and_day_and_changes_none_of_an_earlier_day(scored):
    _, (first, second, again, third) = scored
    assert {row[1] for row in first} == {date(2026, 3, 10)}
    assert [row for row in second if row[1] == date(2026, 3, 10)] == first
    # The same day once more takes the place of its own rows.
    assert len(again) == len(second) == 2 * len(first)
    assert {row[2] for row in again if row[1] == date(2026, 3, 11)} == {SECOND + timedelta(hours=6)}
    # --full-refresh spares it.
    assert [row for row in third if row[1] < date(2026, 3, 24)] == again and len(third) == 3 * len(first)
    assert len({row[:2] for row in third}) == len(third)


def test_a_row_knows_the_row_of_the_day_before_it_and_when_its_stage_changed(scored):
    _, (*_, history) = scored
    changes = 0
    for previous, row in zip([None, *history], history):
        _, _, as_of, _, stage, previous_total, previous_stage, changed_at = row
        if previous is None or previous[0] != row[0]:
            assert (previous_total, previous_stage, changed_at) == (None, None, as_of)
            continue
        assert (previous_total, previous_stage) == (previous[3], previous[4])
        assert changed_at == (previous[7] if stage == previous[4] else as_of)
        changes += stage != previous[4]
    assert changes > 0
    stages = [row[4] for row in history if row[0] == "hot"]
    assert stages[0] == stages[1] == "Hot PQL" and stages[2] != "Hot PQL"


def test_changes_are_told_against_the_day_before(scored):
    database, _ = scored
    changes = query(database, """
        select any_value(scores.total - scores.previous_total), sum(changes.delta), min(changes.previous_as_of)
        from analytics.plg_workspace_scores as scores
        join analytics.plg_workspace_score_changes as changes using (workspace_id)
        group by workspace_id
    """)
    # Multiples of 2^-32: equality is meant.
    assert changes and all(difference == delta for difference, delta, _ in changes)
    assert {moment for *_, moment in changes} == {SECOND + timedelta(hours=6)}


def test_an_earlier_day_is_refused(scored):
    database, (*_, history) = scored
    finished = run(database, FIRST, models="plg_score_history")
    assert finished.returncode != 0
    assert "holds what was scored for a later day: histories only go forwards" in " ".join(finished.stdout.split())
    assert query(database, HISTORY) == history


# scikit-learn lies in another environment: the demo waits for this one.
SKLEARN = """
import json, sys
from sklearn.metrics import brier_score_loss, roc_auc_score
def metrics(scores, outcomes):
    return [roc_auc_score(outcomes, scores), brier_score_loss(outcomes, [score / 100 for score in scores])]
print(json.dumps([metrics(*week) for week in json.load(sys.stdin)]))
"""


def test_validation_is_that_of_scikit_learn(sample_build: Build):
    weeks = sample_build.query("""
        select list(total order by workspace_id), list(outcome order by workspace_id), validation.auc, validation.brier
        from analytics.plg_int_validation_outcomes join analytics.plg_score_validation as validation using (as_of)
        group by as_of, validation.auc, validation.brier order by as_of
    """)
    known = [week for week in weeks if len(set(week[1])) == 2]
    command = [os.environ["PLG_PYTHON_MAIN"], "-c", SKLEARN]
    text = json.dumps([week[:2] for week in known])
    expected = json.loads(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)
    assert len(known) >= 5
    for (_, _, *got), week in zip(known, expected, strict=True):
        assert got == pytest.approx(week, rel=1e-12)
    # The sample is a product whose scores mean something.
    assert sum(auc > 0.5 for _, _, auc, _ in known) > len(known) / 2


SKLEARN_WEIGHTS = """
import json, sys
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
def slopes(points, outcomes):
    scaler = StandardScaler().fit(points)
    fit = LogisticRegression(C=1, tol=1e-12, max_iter=10_000, solver="newton-cholesky").fit(scaler.transform(points), outcomes)
    return list(fit.coef_[0] / scaler.scale_)
print(json.dumps([slopes(*week) for week in json.load(sys.stdin)]))
"""


def test_suggested_weights_are_those_of_scikit_learn(sample_build: Build):
    buckets = [bucket["name"] for bucket in json.loads((ROOT / "udfs/score/documents/starter.json").read_text())["buckets"]]
    found = sample_build.query("""
        select strftime(as_of, '%Y-%m-%d'), bucket, mean_points, log_odds_per_point, suggested_factor
        from analytics.plg_score_validation_weights
    """)
    rows = sample_build.query("""
        select strftime(as_of, '%Y-%m-%d'), workspace_id, bucket, points, outcome
        from analytics.plg_int_validation_components join analytics.plg_int_validation_outcomes using (as_of, workspace_id)
        order by all
    """)
    weeks = {}
    for week, workspace, bucket, points, outcome in rows:
        of_workspace, _ = weeks.setdefault(week, {}).setdefault(workspace, ({}, outcome))
        of_workspace[bucket] = points
    known = {}
    for week, workspaces in weeks.items():
        points = [[of_workspace.get(bucket, 0) for bucket in buckets] for of_workspace, _ in workspaces.values()]
        outcomes = [outcome for _, outcome in workspaces.values()]
        if len(set(outcomes)) == 2:
            known[week] = (points, outcomes)
        else:
            assert all(factor is None for other, *_, factor in found if other == week)
    assert len(known) >= 5
    command = [os.environ["PLG_PYTHON_MAIN"], "-c", SKLEARN_WEIGHTS]
    text = json.dumps(list(known.values()))
    slopes = json.loads(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)
    suggested = {(week, bucket): rest for week, bucket, *rest in found}
    assert len(suggested) == len(found) == len(weeks) * len(buckets)
    for (week, (points, _)), of_week in zip(known.items(), slopes, strict=True):
        means = [sum(column) / len(points) for column in zip(*points, strict=True)]
        useful = [max(slope, 0) for slope in of_week]
        unit = sum(slope * abs(mean) for slope, mean in zip(useful, means)) / sum(map(abs, means))
        for bucket, mean, slope, positive in zip(buckets, means, of_week, useful, strict=True):
            got_mean, got_slope, factor = suggested[week, bucket]
            assert got_mean == pytest.approx(mean, abs=1e-9)
            assert got_slope == pytest.approx(slope, abs=1e-7)
            assert factor == (pytest.approx(positive / unit, rel=1e-6, abs=1e-7) if mean else None)


def test_a_model_with_problems_stops_with_their_paths(sample_build: Build, tmp_path):
    model = json.loads((ROOT / "udfs/score/documents/starter.json").read_text())
    model["events"] = model["events"][:9]
    model["events"][3]["cap"]["days"] = -7
    model["states"][0]["when"] = "trial_days_remaining between 0"
    del model["gate"]
    database = prepare(tmp_path / "problems.duckdb")
    values = json.dumps({"as_of": "2026-07-01 00:00:00", "plg_score_model": json.dumps(model)})
    selected = ["--select", "plg_score_model+1", "plg_key_events", "--store-failures"]
    finished = dbt(database, "build", *selected, "--vars", values)
    assert finished.returncode != 0
    problems = query(database, "select path from analytics_dbt_test__audit.model_has_no_problems_plg_score_model_document")
    assert sorted(problems) == [("model.events[3].cap.days",), ("model.states[0].when",)]
    assert query(database, "from analytics_dbt_test__audit.key_event_taxonomy_plg_key_events_") == [
        ("the number of key events", "9")
    ]
    # Nothing is scored with it.
    tables = query(database, "select table_name from information_schema.tables where table_schema = 'analytics'")
    assert ("plg_int_workspace_results",) not in tables
