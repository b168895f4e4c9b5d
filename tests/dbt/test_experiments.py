"""Read-outs of experiments against scipy and published values."""

import json
import math
import os
import re
import subprocess

import pytest
from conftest import ROOT, Build

MODEL = ROOT / "dbt/models/marts/plg_experiment_results.sql"

# scipy lies in another environment: the demo waits for this one.
SCIPY = """
import json, sys
from scipy.stats import binomtest, chi2, chisquare
def wilson(successes, trials):
    interval = binomtest(successes, trials).proportion_ci(confidence_level=0.95, method="wilson")
    return [interval.low, interval.high]
asked = json.load(sys.stdin)
answer = {
    "wilson": [wilson(*pair) for pair in asked.get("rates", [])],
    "chi2": [list(map(float, chisquare(counts, expected))) for counts, expected in asked.get("counts", [])],
    "critical": [float(chi2.ppf(0.999, degrees)) for degrees in range(1, 10)],
}
print(json.dumps(answer))
"""


def scipy(**asked) -> dict:
    command = [os.environ["PLG_PYTHON_MAIN"], "-c", SCIPY]
    finished = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
    return json.loads(finished.stdout)


def newcombe(rate: float, low: float, high: float, of_control: tuple[float, float, float]) -> tuple[float, float]:
    """Method 10 of R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890."""
    control, control_low, control_high = of_control
    difference = rate - control
    return (
        difference - math.hypot(rate - low, control_high - control),
        difference + math.hypot(high - rate, control - control_low),
    )


def test_newcombe_s_example_is_as_published():
    # 56 of 70 against 48 of 80: 0.0524 to 0.3339.
    first, second = scipy(rates=[(56, 70), (48, 80)])["wilson"]
    assert newcombe(56 / 70, *first, (48 / 80, *second)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.fixture(scope="module")
def read_outs(sample_build: Build) -> list[dict]:
    names = [name for (name,) in sample_build.query("select column_name from (describe analytics.plg_experiment_results)")]
    return [dict(zip(names, row)) for row in sample_build.query("from analytics.plg_experiment_results order by all")]


def test_every_variant_has_a_row_with_its_members(sample_build: Build, read_outs):
    members = sample_build.query("""
        select cohorts.experiment, variant, count(*) as members, avg(coalesce(users.total, workspaces.total, 0)),
            count(*) filter (where coalesce(people.last_seen, places.last_seen) >= '2026-06-04')
        from analytics.plg_cohorts as cohorts
        left join analytics.plg_user_scores as users on entity_id = users.user_id
        left join analytics.plg_workspace_scores as workspaces on entity_id = workspaces.workspace_id
        left join (
            select user_id, max(occurred_at) as last_seen from analytics.plg_stg_events
            where ignored_reason is null and event not in ('workspace_downgraded', 'uninstall_integration') group by all
        ) as people on entity_id = people.user_id
        left join (
            select workspace_id, max(occurred_at) as last_seen from analytics.plg_stg_events
            where ignored_reason is null and event not in ('workspace_downgraded', 'uninstall_integration') group by all
        ) as places on entity_id = places.workspace_id
        group by all order by all
    """)
    found = [
        (row["experiment"], row["variant"], row["members"], pytest.approx(row["mean_score"], rel=1e-12), row["active_members_28d"])
        for row in read_outs
    ]
    assert sorted(found, key=lambda row: row[:2]) == members
    assert {(row["experiment"], row["variant"]) for row in read_outs if row["is_control"]} == {
        ("friendly_limits", "control"), ("short_tour", "control")
    }


def test_conversions_are_those_of_the_funnels(sample_build: Build, read_outs):
    for row in read_outs:
        [(members, exposed, converted)] = sample_build.query(f"""
            select count(*), count(*) filter (where steps_reached > 0), count(*) filter (where converted)
            from analytics.plg_funnel_results where funnel = '{row["funnel"]}' and variant = '{row["variant"]}'
        """)
        assert (row["members"], row["exposed"], row["converted"]) == (members, exposed, converted)
        assert row["conversion_rate"] == converted / members


def test_intervals_are_those_of_scipy(read_outs):
    bounds = scipy(rates=[(row["converted"], row["members"]) for row in read_outs])["wilson"]
    for row, interval in zip(read_outs, bounds, strict=True):
        assert [row["conversion_rate_low"], row["conversion_rate_high"]] == pytest.approx(interval, rel=1e-9)
        [control] = [
            (other["conversion_rate"], *others) for other, others in zip(read_outs, bounds)
            if other["is_control"] and other["experiment"] == row["experiment"]
        ]
        found = row["difference_low"], row["difference_high"]
        if row["is_control"]:
            assert (*found, row["difference"]) == (None, None, None)
        else:
            assert row["difference"] == pytest.approx(row["conversion_rate"] - control[0], abs=1e-15)
            assert found == pytest.approx(newcombe(row["conversion_rate"], *interval, control), rel=1e-9)


def test_sample_ratios_are_those_of_scipy_without_who_was_assigned_by_hand(read_outs):
    weights = {"short_tour": {"control": 1, "short": 1}, "friendly_limits": {"control": 50, "soft": 25, "none": 25}}
    assert sum(row["forced_members"] for row in read_outs) == 2
    for experiment, of_variants in weights.items():
        rows = [row for row in read_outs if row["experiment"] == experiment]
        counts = [row["members"] - row["forced_members"] for row in rows]
        expected = [sum(counts) * of_variants[row["variant"]] / sum(of_variants.values()) for row in rows]
        [(statistic, probability)] = scipy(counts=[(counts, expected)])["chi2"]
        assert [row["expected_members"] for row in rows] == expected
        for row in rows:
            assert row["sample_ratio_chi2"] == pytest.approx(statistic, rel=1e-12, abs=1e-12)
            assert row["degrees_of_freedom"] == len(rows) - 1
            assert row["is_sample_ratio_off"] == (probability < 0.001)


def test_a_ratio_is_off_beyond_what_chance_does_once_in_a_thousand():
    [listed] = re.findall(r"set critical_values = \[([^\]]+)\]", MODEL.read_text())
    assert [float(value) for value in listed.split(",") if value.strip()] == pytest.approx(scipy()["critical"], rel=1e-12)
