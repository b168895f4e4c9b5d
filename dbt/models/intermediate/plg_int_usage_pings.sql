{{ config(enabled=plg.has_source('usage_pings')) }}
{%- set timestamp = plg.type_name('timestamp') -%}
-- The base is what should report: every self-managed subscription in every month in which it ran and anybody reported.
with pings as (

    select
        subscription_id,
        created_at,
        payload,
        installation_id,
        version,
        installation_type,
        cast({{ dbt.date_trunc('month', 'created_at') }} as date) as month_start
    from {{ ref('plg_stg_usage_pings') }}
    where created_at <= {{ plg.as_of() }}

),

month_list as (

    select
        month_start,
        cast(month_start as {{ timestamp }}) as begins_at,
        cast({{ dbt.dateadd('month', 1, 'month_start') }} as {{ timestamp }}) as ends_at
    from pings
    group by month_start

),

base as (

    select
        subscriptions.subscription_id,
        subscriptions.workspace_id,
        subscriptions.plan,
        subscriptions.seats_purchased,
        month_list.month_start,
        month_list.ends_at
    from {{ ref('plg_stg_subscriptions') }} as subscriptions
    cross join month_list
    where
        subscriptions.deployment = 'self_managed'
        and coalesce(subscriptions.started_at, month_list.begins_at) < month_list.ends_at
        and coalesce(subscriptions.canceled_at, month_list.begins_at) >= month_list.begins_at

),

-- The latest of a month counts; of those of one instant any, but always the same.
ordered_pings as (

    select
        pings.*,
        row_number() over (
            partition by subscription_id, month_start
            order by created_at desc, coalesce(installation_id, ''), payload
        ) as place
    from pings

),

ping_counts as (

    select
        subscription_id,
        month_start,
        count(*) as ping_count,
        count(distinct installation_id) as installation_count
    from pings
    group by subscription_id, month_start

),

ordered_seats as (

    select
        base.subscription_id,
        base.month_start,
        seat_links.billable_seats,
        seat_links.created_at,
        row_number() over (
            partition by base.subscription_id, base.month_start
            order by seat_links.created_at desc, seat_links.billable_seats desc
        ) as place
    from base
    inner join {{ ref('plg_stg_seat_links') }} as seat_links
        on base.subscription_id = seat_links.subscription_id
    where seat_links.created_at < base.ends_at and seat_links.created_at <= {{ plg.as_of() }}

),

releases as (
    {{ plg._releases('pings') }}

),

release_list as (

    select {{ plg.agg_rows(['version', 'released_at']) }} as releases_until_today
    from releases

)

select
    base.subscription_id,
    base.workspace_id,
    base.month_start,
    {{ plg.as_of() }} as as_of,
    base.plan,
    base.seats_purchased,
    ordered_seats.billable_seats,
    ordered_seats.created_at as seats_reported_at,
    latest.created_at as pinged_at,
    latest.installation_id,
    latest.installation_type,
    latest.version,
    coalesce(ping_counts.ping_count, 0) as ping_count,
    coalesce(ping_counts.installation_count, 0) as installation_count,
    {{ plg._json_object('latest.payload') }} is not null as is_readable,
    {{ plg.fn('ping_metrics') }}({{ plg._json_object('latest.payload') }}) as ping_result,
    {{ plg.fn('version_lag') }}(
        latest.version, release_list.releases_until_today, latest.created_at
    ) as lag_result
from base
left join ordered_pings as latest
    on base.subscription_id = latest.subscription_id and base.month_start = latest.month_start and latest.place = 1
left join ping_counts
    on base.subscription_id = ping_counts.subscription_id and base.month_start = ping_counts.month_start
left join ordered_seats
    on base.subscription_id = ordered_seats.subscription_id
        and base.month_start = ordered_seats.month_start
        and ordered_seats.place = 1
cross join release_list
