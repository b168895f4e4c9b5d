{{ config(enabled=plg.has_source('usage_pings')) }}
{%- set columns = plg.ping_columns() -%}
with amounts as (

    select
        subscription_id,
        month_start,
        {%- for column, declared in columns.items() %}
        max(case
            when
                metric = {{ plg.text(declared['metric']) }}
                and period = {{ plg.text(declared['period']) }}
                and is_aggregated = {{ 'true' if declared.get('is_aggregated') else 'false' }}
            then amount
        end) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_ping_metrics') }}
    group by subscription_id, month_start

)

select
    pings.subscription_id,
    pings.workspace_id,
    pings.month_start,
    pings.as_of,
    pings.plan,
    pings.pinged_at,
    pings.ping_count,
    pings.installation_count,
    case when pings.pinged_at is not null then pings.is_readable end as is_readable,
    {{ plg.field('pings.ping_result', 'ignored', 'integer') }} as ignored_values,
    pings.installation_id,
    pings.installation_type,
    pings.version,
    {{ plg.field('pings.lag_result', 'newest', 'string') }} as newest_version,
    {{ plg.field('pings.lag_result', 'majors_behind', 'integer') }} as majors_behind,
    {{ plg.field('pings.lag_result', 'minors_behind', 'integer') }} as minors_behind,
    {{ plg.field('pings.lag_result', 'days_behind', 'float') }} as days_behind,
    pings.seats_purchased,
    pings.billable_seats,
    pings.seats_reported_at,
    cast(pings.billable_seats as {{ plg.type_name('float') }})
        / nullif(pings.seats_purchased, 0) as licence_utilisation,
    {%- for column in columns %}
    amounts.{{ column }},
    amounts.{{ column }} - lag(amounts.{{ column }}) over (
        partition by pings.subscription_id order by pings.month_start
    ) as {{ column }}_change{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('plg_int_usage_pings') }} as pings
left join amounts
    on pings.subscription_id = amounts.subscription_id and pings.month_start = amounts.month_start
