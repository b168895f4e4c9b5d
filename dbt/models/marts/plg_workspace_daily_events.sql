with events as (

    select
        workspace_id,
        user_id,
        event,
        occurred_at,
        event_count
    from {{ ref('plg_stg_events') }}
    where workspace_ignored_reason is null

    union all

    -- The one event that products do not send: the first day a user is active in a workspace.
    select
        workspace_id,
        user_id,
        'new_active_user_day' as event,
        first_active_at as occurred_at,
        1 as event_count
    from {{ ref('plg_int_first_active_days') }}

),

hours as (

    select
        workspace_id,
        user_id,
        event,
        {{ dbt.date_trunc('hour', 'occurred_at') }} as hour_start,
        sum(event_count) as event_count,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from events
    group by workspace_id, user_id, event, {{ dbt.date_trunc('hour', 'occurred_at') }}

)

select
    workspace_id,
    user_id,
    event,
    cast(hour_start as date) as day,
    sum(event_count) as event_count,
    max(event_count) as max_per_hour,
    min(first_at) as first_at,
    max(last_at) as last_at
from hours
group by workspace_id, user_id, event, cast(hour_start as date)
