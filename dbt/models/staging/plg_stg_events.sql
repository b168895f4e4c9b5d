with typed as (

    select
        nullif(trim(event), '') as event,
        nullif(trim(user_id), '') as user_id,
        nullif(trim(anonymous_id), '') as anonymous_id,
        nullif(trim(workspace_id), '') as workspace_id,
        occurred_at,
        coalesce(count, 1) as event_count,
        nullif(trim(event_id), '') as event_id,
        properties,
        nullif(trim(source), '') as source
    from {{ plg.source_rows('events') }}

)

select
    event,
    user_id,
    anonymous_id,
    workspace_id,
    occurred_at,
    event_count,
    event_id,
    properties,
    source,
    case
        when event is null then 'no_event'
        when occurred_at is null then 'no_timestamp'
        when user_id is null then 'no_user'
        when occurred_at > {{ plg.as_of() }} then 'after_as_of'
    end as ignored_reason,
    -- A workspace has a history of its own: what nobody in particular did, such as a limit hit, is part of it.
    case
        when event is null then 'no_event'
        when occurred_at is null then 'no_timestamp'
        when workspace_id is null then 'no_workspace'
        when occurred_at > {{ plg.as_of() }} then 'after_as_of'
    end as workspace_ignored_reason
from typed
