select
    user_id,
    workspace_id,
    min(occurred_at) as first_active_at
from {{ ref('plg_stg_events') }}
where
    ignored_reason is null
    and workspace_id is not null
    and {{ plg.counts_as_active('event') }}
group by user_id, workspace_id
