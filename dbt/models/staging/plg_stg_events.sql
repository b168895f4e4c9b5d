with typed as (

    select
        nullif(trim(cast(event as {{ plg.type_name('string') }})), '') as event,
        nullif(trim(cast(user_id as {{ plg.type_name('string') }})), '') as user_id,
        nullif(trim(cast(anonymous_id as {{ plg.type_name('string') }})), '') as anonymous_id,
        nullif(trim(cast(workspace_id as {{ plg.type_name('string') }})), '') as workspace_id,
        cast(occurred_at as {{ plg.type_name('timestamp') }}) as occurred_at,
        coalesce(cast(count as {{ plg.type_name('float') }}), 1) as event_count
    from {{ source('plg_raw', 'events') }}

)

select
    event,
    user_id,
    anonymous_id,
    workspace_id,
    occurred_at,
    event_count,
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
