{{ config(materialized='view') }}
select
    workspace_id,
    user_id,
    event,
    day,
    event_count,
    max_per_hour,
    first_at,
    last_at
from {{ ref('plg_int_workspace_event_days') }}

union all

-- The one event that products do not send: the first day a user is active in a workspace.
select
    workspace_id,
    user_id,
    'new_active_user_day' as event,
    cast(first_active_at as date) as day,
    1 as event_count,
    1 as max_per_hour,
    first_active_at as first_at,
    first_active_at as last_at
from {{ ref('plg_int_first_active_days') }}
