-- Who can be in an experiment or a funnel: known, or seen in an event.
select
    'user' as entity,
    user_id as entity_id
from {{ ref('plg_stg_users') }}

union distinct

select
    'user' as entity,
    user_id as entity_id
from {{ ref('plg_stg_events') }}
where ignored_reason is null

union distinct

select
    'workspace' as entity,
    workspace_id as entity_id
from {{ ref('plg_stg_memberships') }}

union distinct

select
    'workspace' as entity,
    workspace_id as entity_id
from {{ ref('plg_stg_events') }}
where ignored_reason is null and workspace_id is not null
