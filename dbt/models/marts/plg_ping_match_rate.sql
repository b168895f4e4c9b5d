{{ config(enabled=plg.has_source('usage_pings')) }}
{%- set float = plg.type_name('float') -%}
{%- set integer = plg.type_name('integer') -%}
with months as (

    select
        month_start,
        count(*) as subscriptions,
        count(pinged_at) as with_ping,
        count(billable_seats) as with_seats,
        cast(sum(case when not is_readable then 1 else 0 end) as {{ integer }}) as unreadable_pings,
        cast(sum(ping_count) as {{ integer }}) as matched_pings,
        sum(case when billable_seats is not null then seats_purchased end) as seats_purchased,
        sum(case when seats_purchased is not null then billable_seats end) as billable_seats,
        count(reported_mau) as reporting,
        sum(reported_mau) as reported_mau
    from {{ ref('plg_usage_pings') }}
    group by month_start

),

all_pings as (

    select
        cast({{ dbt.date_trunc('month', 'created_at') }} as date) as month_start,
        count(*) as ping_count
    from {{ ref('plg_stg_usage_pings') }}
    where created_at <= {{ plg.as_of() }}
    group by 1

)

select
    all_pings.month_start,
    {{ plg.as_of() }} as as_of,
    coalesce(months.subscriptions, 0) as subscriptions,
    coalesce(months.with_ping, 0) as with_ping,
    cast(months.with_ping as {{ float }}) / months.subscriptions as match_rate,
    coalesce(months.with_seats, 0) as with_seats,
    cast(months.with_seats as {{ float }}) / months.subscriptions as seat_match_rate,
    all_pings.ping_count,
    all_pings.ping_count - coalesce(months.matched_pings, 0) as pings_without_subscription,
    coalesce(months.unreadable_pings, 0) as unreadable_pings,
    months.seats_purchased,
    months.billable_seats,
    cast(months.billable_seats as {{ float }}) / nullif(months.seats_purchased, 0) as licence_utilisation,
    coalesce(months.reporting, 0) as reporting,
    cast(months.reporting as {{ float }}) / months.subscriptions as reporting_share,
    months.reported_mau,
    -- Those who do not report are taken to be as active as those who do.
    months.reported_mau * months.subscriptions / nullif(months.reporting, 0) as estimated_mau
from all_pings
left join months
    on all_pings.month_start = months.month_start
