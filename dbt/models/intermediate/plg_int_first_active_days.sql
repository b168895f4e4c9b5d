select
    user_id,
    workspace_id,
    min(first_at) as first_active_at
from {{ ref('plg_int_workspace_event_days') }}
where
    user_id is not null
    and {{ plg.counts_as_active('event') }}
group by user_id, workspace_id
