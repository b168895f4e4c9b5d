-- Who can be in an experiment or a funnel: known, or seen in an event.
select
    'user' as entity,
    user_id as entity_id
from {{ ref('plg_stg_users') }}

union distinct

select
    'user' as entity,
    user_id as entity_id
from {{ ref('plg_int_user_event_days') }}

union distinct

select
    'workspace' as entity,
    workspace_id as entity_id
from {{ ref('plg_stg_memberships') }}

union distinct

select
    'workspace' as entity,
    workspace_id as entity_id
from {{ ref('plg_int_workspace_event_days') }}
where user_id is not null
