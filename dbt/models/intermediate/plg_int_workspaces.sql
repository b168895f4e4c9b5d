-- All workspaces that anything is known of: declared, with members, or seen in an event.
with seen as (

    select
        workspace_id,
        min(first_at) as first_seen_at
    from {{ ref('plg_int_workspace_event_days') }}
    group by workspace_id

),

ids as (

    select workspace_id from {{ ref('plg_stg_workspaces') }}
    union distinct
    select workspace_id from {{ ref('plg_stg_memberships') }}
    union distinct
    select workspace_id from seen

)

select
    ids.workspace_id,
    workspaces.account_id,
    -- Who does not tell types apart has production workspaces.
    coalesce(workspaces.type, 'prod') as type,
    coalesce(workspaces.created_at, seen.first_seen_at) as created_at,
    seen.first_seen_at
from ids
left join {{ ref('plg_stg_workspaces') }} as workspaces
    on ids.workspace_id = workspaces.workspace_id
left join seen
    on ids.workspace_id = seen.workspace_id
