-- Sessions are counted on the day they began.
select
    workspace_id,
    day,
    count(*) as sessions,
    max(started_at) as last_at
from {{ ref('plg_sessions') }}
where workspace_id is not null
group by workspace_id, day
