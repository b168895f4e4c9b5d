-- Loops from single events, the rate of the last day from the days before, bursts from sign-ups side by side.
with hours as (

    select workspace_id, user_id, event, cast(occurred_at as date) as day
    from {{ ref('plg_stg_events') }}
    where workspace_ignored_reason is null and user_id is not null
    group by workspace_id, user_id, event, cast(occurred_at as date), date_trunc('hour', occurred_at)
    having sum(event_count) >= 100

),

loops as (

    select count(*) as expected
    from (select distinct * from hours where day >= cast({{ plg.as_of() }} as date) - 30)

),

rates as (

    select
        workspaces.workspace_id,
        least(
            30, date_diff('day', cast(workspaces.created_at as date), cast({{ plg.as_of() }} as date))
        )::int as days,
        coalesce(
            sum(events.event_count) filter (where cast(events.occurred_at as date) = cast({{ plg.as_of() }} as date)), 0
        ) as events_of_day,
        coalesce(
            sum(events.event_count) filter (
                where
                cast(events.occurred_at as date) between cast({{ plg.as_of() }} as date) - days
                and cast({{ plg.as_of() }} as date) - 1
            ),
            0
        ) as before
    from {{ ref('plg_workspace_signals') }} as workspaces
    left join {{ ref('plg_stg_events') }} as events
        on workspaces.workspace_id = events.workspace_id and events.workspace_ignored_reason is null
    group by workspaces.workspace_id, workspaces.created_at

),

bursts as (

    select count(*) > 0 as expected
    from {{ ref('plg_stg_signups') }} as first_signups
    where
        100 <= (
            select count(*)
            from {{ ref('plg_stg_signups') }} as others
            where
                string_split(others.ip, '.')[1:3] = string_split(first_signups.ip, '.')[1:3]
                and others.occurred_at between first_signups.occurred_at and first_signups.occurred_at + interval 60 seconds
                and others.occurred_at <= {{ plg.as_of() }}
        )
        and first_signups.ip like '%.%.%.%'
        and cast(first_signups.occurred_at as date) >= cast({{ plg.as_of() }} as date) - 30

)

select 'loops' as what, null as workspace_id
from loops
where expected <> (select count(*) from {{ ref('plg_anomalies') }} where anomaly = 'event_loop')
union all
select 'bursts' as what, null as workspace_id
from bursts
where expected <> (select count(*) > 0 from {{ ref('plg_anomalies') }} where anomaly = 'signup_burst')
union all
select 'rates' as what, rates.workspace_id
from rates
left join {{ ref('plg_anomalies') }} as anomalies
    on rates.workspace_id = anomalies.workspace_id and anomalies.anomaly = 'rate_anomaly'
where
    anomalies.event_count is distinct from rates.events_of_day
    or (anomalies.status = 'insufficient_history') is distinct from (rates.days < 7)
    or (rates.days >= 7 and abs(anomalies.mean - rates.before / rates.days) > 1e-9)
    or (rates.days >= 7 and rates.before = 0 and anomalies.ratio is not null)
