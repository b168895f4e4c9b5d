"""Cohorts and funnels: what the variables refuse, and the confidence intervals against scipy."""

import json
import os
import subprocess

import duckdb
import pytest
from conftest import AS_OF, Build, dbt

# scipy lies in another environment: the demo waits for this one.
SCIPY = """
import json, sys
from scipy.stats import binomtest
def bounds(successes, trials):
    interval = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return [interval.low, interval.high]
print(json.dumps([bounds(*pair) for pair in json.load(sys.stdin)]))
"""


def scipy_bounds(pairs: list[tuple[int, int]]) -> list[list[float]]:
    command = [os.environ["PLG_PYTHON_MAIN"], "-c", SCIPY]
    finished = subprocess.run(command, input=json.dumps(pairs), capture_output=True, text=True, check=True)
    return json.loads(finished.stdout)


def test_wilson_bounds_are_those_of_scipy(sample_build: Build):
    inline = "select {{ plg.wilson_bound('k', 'n', 'low') }} as low, {{ plg.wilson_bound('k', 'n', 'high') }} as high"
    finished = dbt(sample_build.database, "compile", "--inline", inline, "--output", "json", "--quiet")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    query = json.loads(finished.stdout)["compiled"]
    pairs = [(k, n) for n in [*range(1, 40), 100, 997] for k in range(n + 1)]
    pairs += [(k, 10**7) for k in (0, 1, 10, 10**6, 10**7 - 1, 10**7)]
    rows = ", ".join(f"({k}, {n})" for k, n in pairs)
    got = duckdb.sql(f"{query} from (values {rows}) as pairs(k, n)").fetchall()
    assert [bound for row in got for bound in row] == pytest.approx(
        [bound for row in scipy_bounds(pairs) for bound in row], rel=1e-9, abs=1e-15
    )
    assert all(0 <= low <= k / n <= high <= 1 for (low, high), (k, n) in zip(got, pairs))
    assert duckdb.sql(f"{query} from (values (0, 0)) as pairs(k, n)").fetchall() == [(None, None)]


def test_bounds_of_the_funnels_are_those_of_scipy(sample_build: Build):
    rows = sample_build.query("""
        select reached, entered, rate_from_start, rate_from_start_low, rate_from_start_high from analytics.plg_funnel
        where entered > 0
        union all
        select
            reached, lag(reached, 1, members) over cohort,
            rate_from_previous, rate_from_previous_low, rate_from_previous_high
        from analytics.plg_funnel
        window cohort as (partition by funnel, variant order by step_number)
    """)
    rows = [row for row in rows if row[1] > 0]
    expected = scipy_bounds([(reached, trials) for reached, trials, *_ in rows])
    for (reached, trials, rate, *bounds), interval in zip(rows, expected, strict=True):
        assert rate == reached / trials
        assert bounds == pytest.approx(interval, rel=1e-9, abs=1e-15)
    # A funnel that everybody or nobody goes through would show nothing.
    assert len({rate for _, _, rate, *_ in rows if 0 < rate < 1}) > 5


def test_every_cohort_of_the_sample_has_members(sample_build: Build):
    cohorts = sample_build.query("""
        select funnel, experiment, variant, any_value(members) from analytics.plg_funnel
        group by all order by all
    """)
    assert [row[:3] for row in cohorts] == [
        ("activation", None, "all"),
        ("tour", "short_tour", "control"),
        ("tour", "short_tour", "short"),
        ("trial", "friendly_limits", "control"),
        ("trial", "friendly_limits", "none"),
        ("trial", "friendly_limits", "soft"),
    ]
    members = [row[3] for row in cohorts]
    users = sample_build.query("select count(*) from analytics.plg_user_status")[0][0]
    assert members[0] == users
    # 0.8 of the namespace and a coverage of 0.9, in two halves.
    assert all(0.26 * users < number < 0.46 * users for number in members[1:3])
    workspaces = sample_build.query("select count(distinct workspace_id) from raw.memberships")[0][0]
    assert sum(members[3:]) == workspaces


def test_the_audience_of_a_funnel_is_its_first_step(sample_build: Build):
    entered = sample_build.query("""
        select entity_id, reached_at from analytics.plg_funnel_steps where funnel = 'trial' and step_number = 1
    """)
    first_active = sample_build.query("select workspace_id, first_active_at from analytics.plg_int_first_active_days")
    assert entered and set(entered) <= set(first_active)
    assert {workspace for workspace, _ in entered} == {workspace for workspace, _ in first_active}


EXPERIMENT = {"method": "growthbook", "variants": ["a", "b"]}
STEPS = [{"name": "one", "event": "login"}]


@pytest.mark.parametrize("variables, message", [
    ({"plg_experiments": {"x": {"variants": ["a"]}}}, "plg_experiments: x.method must be 'growthbook' or 'unleash'"),
    ({"plg_experiments": {"x": {"method": "unleash"}}}, "plg_experiments: x.variants must name each variant once"),
    (
        {"plg_experiments": {"x": EXPERIMENT | {"variants": ["a", "a"]}}},
        "plg_experiments: x.variants must name each variant once",
    ),
    (
        {"plg_experiments": {"x": EXPERIMENT | {"weights": [1]}}},
        "plg_experiments: x.weights must have a weight for each variant",
    ),
    ({"plg_experiments": {"x": EXPERIMENT | {"weight": [1]}}}, "plg_experiments: x.weight is no field of an experiment"),
    ({"plg_experiments": {"x": EXPERIMENT | {"forced": {"c": ["u"]}}}}, "plg_experiments: x.forced.c is no variant"),
    (
        {"plg_experiments": {"x": EXPERIMENT | {"namespace": "n"}}},
        "plg_experiments: x.namespace and range need each other",
    ),
    (
        {
            "plg_experiments": {
                "x": EXPERIMENT | {"namespace": "n", "range": [0, 0.5]},
                "other": EXPERIMENT | {"namespace": "m", "range": [0, 1]},
                "y": EXPERIMENT | {"namespace": "n", "range": [0.4, 1]},
            }
        },
        "plg_experiments: y.range overlaps with that of x in the same namespace",
    ),
    ({"plg_funnels": {"f": {"steps": STEPS, "widow": 1}}}, "plg_funnels: f.widow is no field of a funnel"),
    ({"plg_funnels": {"f": {"window": {"days": 1}}}}, "plg_funnels: f.steps is missing"),
    ({"plg_funnels": {"f": {"steps": STEPS, "experiment": "z"}}}, "plg_funnels: f.experiment is none of plg_experiments"),
    ({"plg_experiments": {"x": EXPERIMENT | {"unit": "team"}}}, "plg_experiments: x.unit must be user or workspace"),
    ({"plg_funnels": {"f": {"steps": STEPS, "entity": "team"}}}, "plg_funnels: f.entity must be user or workspace"),
    ({"plg_funnels": {"f": {"steps": STEPS, "audience": "vip"}}}, "plg_funnels: f.audience.model is missing"),
    (
        {
            "plg_experiments": {"x": EXPERIMENT},
            "plg_funnels": {"f": {"steps": STEPS, "entity": "workspace", "experiment": "x"}},
        },
        "plg_funnels: f.experiment assigns by another unit than the entity of the funnel",
    ),
    (
        {"plg_funnels": {"f": {"steps": STEPS, "since": "May"}}},
        "plg needs plg_funnels: f.since, a UTC timestamp such as 2026-07-01 00:00:00; it is May",
    ),
])
def test_variables_that_do_not_fit_stop_with_their_place(sample_build: Build, variables: dict, message: str):
    variables = {"as_of": AS_OF, "plg_funnels": {"f": {"steps": STEPS}}} | variables
    finished = dbt(sample_build.database, "compile", "--vars", json.dumps(variables))
    assert finished.returncode != 0
    assert message in " ".join(finished.stdout.split())


def test_without_variables_there_is_a_funnel_and_no_experiment(sample_build: Build):
    variables = {"as_of": AS_OF, "plg_experiments": {}, "plg_funnels": {}}
    selected = ["--select", "plg_cohorts", "plg_funnel", "--output", "json", "--quiet"]
    finished = dbt(sample_build.database, "compile", "--vars", json.dumps(variables), *selected)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    with duckdb.connect(sample_build.database, read_only=True) as connection:
        folder = sample_build.database.with_suffix(".dbt") / "target/compiled/plg/models/marts"
        assert connection.execute((folder / "plg_cohorts.sql").read_text()).fetchall() == []
    assert "'workspace_created' as step" in (folder / "plg_funnel.sql").read_text()
