-- The latest pings and seats once more, with DuckDB's own reader of JSON.
with latest as (

    select
        subscription_id,
        date_trunc('month', created_at) as month_start,
        max(created_at) as pinged_at,
        max_by(payload, created_at) as payload,
        count(*) as ping_count
    from {{ ref('plg_stg_usage_pings') }}
    where created_at <= {{ plg.as_of() }}
    group by all

),

base as (

    select
        subscriptions.subscription_id,
        subscriptions.seats_purchased,
        months.month_start
    from {{ ref('plg_stg_subscriptions') }} as subscriptions
    cross join (select distinct month_start from latest) as months
    where
        deployment = 'self_managed'
        and started_at < month_start + interval 1 month
        and (canceled_at is null or canceled_at >= month_start)

),

seats as (

    select
        base.subscription_id,
        base.month_start,
        max_by(billable_seats, created_at) as billable_seats
    from base
    inner join {{ ref('plg_stg_seat_links') }} as seat_links
        on
            base.subscription_id = seat_links.subscription_id
            and seat_links.created_at < base.month_start + interval 1 month
            and seat_links.created_at <= {{ plg.as_of() }}
    group by all

),

expected as (

    select
        base.subscription_id,
        base.month_start,
        latest.pinged_at,
        latest.ping_count,
        cast(latest.payload ->> '$.counts_monthly.aggregated_metrics.core_feature_users' as double) as reported_mau,
        cast(latest.payload ->> '$.counts.nodes' as double) as nodes,
        cast(latest.payload ->> '$.counts.runners' as double) as runners,
        seats.billable_seats,
        seats.billable_seats / base.seats_purchased as licence_utilisation
    from base
    left join latest
        on base.subscription_id = latest.subscription_id and base.month_start = latest.month_start
    left join seats
        on base.subscription_id = seats.subscription_id and base.month_start = seats.month_start

),

by_month as (

    select
        month_start,
        count(pinged_at) / count(*) as match_rate,
        sum(reported_mau) / (count(reported_mau) / count(*)) as estimated_mau
    from expected
    group by month_start

)

select cast(expected.month_start as varchar) as what
from expected
full join {{ ref('plg_usage_pings') }} as pings
    on expected.subscription_id = pings.subscription_id and expected.month_start = pings.month_start
where
    expected.subscription_id is null
    or pings.subscription_id is null
    or expected.pinged_at is distinct from pings.pinged_at
    or coalesce(expected.ping_count, 0) <> pings.ping_count
    or expected.reported_mau is distinct from pings.reported_mau
    or expected.nodes is distinct from pings.nodes
    or expected.runners is distinct from pings.runners
    or expected.billable_seats is distinct from pings.billable_seats
    or expected.licence_utilisation is distinct from pings.licence_utilisation
union all
select 'rates of ' || by_month.month_start
from by_month
full join {{ ref('plg_ping_match_rate') }} as rates
    on by_month.month_start = rates.month_start
where
    by_month.match_rate is distinct from rates.match_rate
    -- Divided in another order.
    or not abs(by_month.estimated_mau - rates.estimated_mau) <= 1e-9 * rates.estimated_mau
