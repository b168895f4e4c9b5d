-- Customers pay; one is an account, or a workspace that has none.
with paid as (

    select
        workspace_id,
        sum(arr) as arr
    from {{ ref('plg_subscriptions') }}
    where is_paid and workspace_id is not null
    group by workspace_id

),

stars as (

    {%- set stars = [] %}
    {%- for metric in plg.metrics('workspace') if metric.get('north_star') %}
    {%- do stars.append(1) %}
    {{ 'union all' if stars | length > 1 }}
    select
        workspace_id,
        {{ plg.text(metric['use_case']) }} as use_case,
        {{ plg.text(metric['name']) }} as metric,
        {{ metric['name'] }} as metric_value
    from {{ ref('plg_workspace_metrics') }}
    {%- endfor %}
    {%- if not stars %}
    select
        workspace_id,
        'none' as use_case,
        'none' as metric,
        cast(null as {{ plg.type_name('float') }}) as metric_value
    from {{ ref('plg_workspace_metrics') }}
    where false
    {%- endif %}

),

customers as (

    select
        stars.use_case,
        stars.metric,
        coalesce(accounts.declared_account_id, accounts.account_id, stars.workspace_id) as customer_id,
        sum(stars.metric_value) as metric_value,
        max(case when stars.metric_value > 0 then 1 else 0 end) as is_covered,
        sum(case when stars.metric_value > 0 then 1 else 0 end) as covered_workspaces,
        count(*) as workspaces,
        sum(paid.arr) as arr
    from stars
    left join {{ ref('plg_workspace_accounts') }} as accounts
        on stars.workspace_id = accounts.workspace_id
    left join paid
        on stars.workspace_id = paid.workspace_id
    group by
        stars.use_case,
        stars.metric,
        coalesce(accounts.declared_account_id, accounts.account_id, stars.workspace_id)

),

totals as (

    select
        use_case,
        metric,
        sum(workspaces) as workspaces,
        sum(covered_workspaces) as covered_workspaces,
        sum(metric_value) as metric_total,
        sum(case when arr > 0 then 1 else 0 end) as customers,
        sum(case when arr > 0 then is_covered else 0 end) as covered_customers,
        coalesce(sum(arr), 0) as arr,
        coalesce(sum(case when is_covered = 1 then arr end), 0) as covered_arr
    from customers
    group by use_case, metric

)

select
    use_case,
    metric,
    {{ plg.as_of() }} as as_of,
    metric_total,
    workspaces,
    covered_workspaces,
    customers,
    covered_customers,
    case when customers > 0 then cast(covered_customers as {{ plg.type_name('float') }}) / customers end
        as customer_coverage,
    arr,
    covered_arr,
    case when arr > 0 then covered_arr / arr end as arr_coverage
from totals
