-- From staged events and subscriptions. The sample's customers are accounts.
with uses as (

    select
        events.workspace_id,
        case events.event when 'core_feature_used' then 'core' else 'automation' end as use_case
    from {{ ref('plg_stg_events') }} as events
    where
        workspace_ignored_reason is null
        and cast(occurred_at as date) > cast({{ plg.as_of() }} as date) - 28
        and (event = 'core_feature_used' or (event = 'automation_run' and user_id is not null))
    group by all

),

mapped as (

    select
        workspace_id,
        coalesce(declared_account_id, account_id, workspace_id) as customer_id
    from {{ ref('plg_workspace_accounts') }}

),

customers as (

    select
        mapped.customer_id,
        12 * sum(mrr) as arr
    from {{ ref('plg_stg_subscriptions') }} as subscriptions
    inner join mapped using (workspace_id)
    where
        status in ('active', 'past_due') and mrr > 0
        and coalesce(started_at <= {{ plg.as_of() }}, true)
        and coalesce(canceled_at > {{ plg.as_of() }}, true)
    group by mapped.customer_id

),

covered as (

    select distinct
        uses.use_case,
        mapped.customer_id
    from uses
    inner join mapped using (workspace_id)

),

expected as (

    select
        use_cases.use_case,
        count(*) as customers,
        count(covered.customer_id) as covered_customers,
        sum(customers.arr) as arr,
        coalesce(sum(customers.arr) filter (where covered.customer_id is not null), 0) as covered_arr
    from (select unnest(['core', 'automation']) as use_case) as use_cases
    cross join customers
    left join covered using (use_case, customer_id)
    group by use_cases.use_case

)

select use_case
from expected
full join {{ ref('plg_north_star') }} as found using (use_case)
where
    found.customers is distinct from expected.customers
    or found.covered_customers is distinct from expected.covered_customers
    or not coalesce(abs(found.arr - expected.arr) < 1e-6, false)
    or not coalesce(abs(found.covered_arr - expected.covered_arr) < 1e-6, false)
    or not coalesce(abs(found.arr_coverage - expected.covered_arr / expected.arr) < 1e-9, false)
    or found.customer_coverage is distinct from expected.covered_customers / expected.customers
    or found.covered_workspaces is distinct from (select count(*) from uses where uses.use_case = expected.use_case)
