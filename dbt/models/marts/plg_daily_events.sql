{{ config(materialized='view') }}
with first_hours as (

    select
        user_id,
        {{ dbt.date_trunc('hour', 'first_active_at') }} as hour_start,
        count(*) as event_count,
        min(first_active_at) as first_at,
        max(first_active_at) as last_at
    from {{ ref('plg_int_first_active_days') }}
    group by user_id, {{ dbt.date_trunc('hour', 'first_active_at') }}

)

select
    user_id,
    event,
    day,
    event_count,
    first_at,
    last_at,
    max_per_hour
from {{ ref('plg_int_user_event_days') }}

union all

-- The one event that products do not send: the first day a user is active in a workspace.
select
    user_id,
    'new_active_user_day' as event,
    cast(hour_start as date) as day,
    sum(event_count) as event_count,
    min(first_at) as first_at,
    max(last_at) as last_at,
    max(event_count) as max_per_hour
from first_hours
group by user_id, cast(hour_start as date)
