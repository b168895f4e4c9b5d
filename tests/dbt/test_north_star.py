"""How far North Star metrics reach: plain SQL over raw subscriptions on the sample."""

import pytest

AS_OF = "timestamp '2026-07-01 00:00:00'"

EXPECTED = f"""
with paid as (
    -- Revenue of a year as billing says it, which need not be twelve months of what was agreed for one.
    select workspace_id, sum(coalesce(arr, 12 * mrr)) as arr
    from raw.subscriptions
    where
        status in ('active', 'past_due') and mrr > 0 and workspace_id is not null
        and coalesce(started_at::timestamp <= {AS_OF}, true) and coalesce(canceled_at::timestamp > {AS_OF}, true)
    group by workspace_id
),
customers as (
    select
        coalesce(declared_account_id, account_id, metrics.workspace_id) as customer,
        bool_or({{metric}} > 0) as is_covered,
        sum(arr) as arr
    from analytics.plg_workspace_metrics as metrics
    left join analytics.plg_workspace_accounts using (workspace_id)
    left join paid on paid.workspace_id = metrics.workspace_id
    group by customer
    having sum(arr) > 0
)
select count(*), count(*) filter (is_covered), sum(arr), coalesce(sum(arr) filter (is_covered), 0)
from customers
"""


def stars(build) -> list[str]:
    return [metric for (metric,) in build.query("select metric from analytics.plg_north_star order by metric")]


def test_a_north_star_reaches_the_customers_with_a_value_and_their_revenue(sample_build):
    assert stars(sample_build) == ["automation_users_28d", "core_actions_28d"]
    for metric in stars(sample_build):
        [expected] = sample_build.query(EXPECTED.format(metric=metric))
        [found] = sample_build.query(
            f"select customers, covered_customers, arr, covered_arr from analytics.plg_north_star where metric = '{metric}'"
        )
        assert found == pytest.approx(expected, rel=1e-12), metric
        # Not trivially: the sample's automation does not reach every customer, its core actions do.
        assert 0 < found[1] and (found[1] < found[0]) == (metric == "automation_users_28d")


def test_coverage_is_the_share_of_customers_and_of_revenue(sample_build):
    assert sample_build.query("""
        select count(*) from analytics.plg_north_star
        where
            customer_coverage is distinct from covered_customers / nullif(customers, 0)
            or arr_coverage is distinct from covered_arr / nullif(arr, 0)
    """) == [(0,)]
