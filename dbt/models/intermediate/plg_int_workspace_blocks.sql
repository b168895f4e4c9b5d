{%- set free_kinds = (var('plg_account_mapping', none) or {}).get('free_kinds', ['personal', 'disposable']) -%}
{%- set counts = 'email_kind is null or email_kind not in (' ~ plg.text_list(free_kinds) ~ ')' if free_kinds else 'true' -%}
-- Workspaces that may be the same have one of these in common. A block of one workspace has no pairs.
with memberships as (

    select workspace_id, 'account' as block_kind, account_id as block
    from {{ ref('plg_workspace_accounts') }}
    union distinct
    select workspace_id, 'account' as block_kind, declared_account_id as block
    from {{ ref('plg_workspace_accounts') }}
    union distinct
    select workspace_id, 'domain' as block_kind, email_domain as block
    from {{ ref('plg_int_workspace_signal_domains') }}
    where {{ counts }}
    union distinct
    select people.workspace_id, 'domain' as block_kind, addresses.email_domain as block
    from {{ ref('plg_workspace_people') }} as people
    inner join {{ ref('plg_int_person_addresses') }} as addresses
        on people.person_id = addresses.person_id
    where {{ counts }}
    union distinct
    select workspace_id, 'billing_entity' as block_kind, billing_entity as block
    from {{ ref('plg_stg_workspace_domains') }}
    union distinct
    -- Workspaces of people without a company have nothing else in common.
    select workspace_id, 'admin' as block_kind, person_id as block
    from {{ ref('plg_workspace_people') }}
    where is_workspace_admin

),

known as (

    select
        memberships.workspace_id,
        memberships.block_kind || ' ' || memberships.block as block_key,
        memberships.block_kind
    from memberships
    inner join {{ ref('plg_int_workspaces') }} as workspaces
        on memberships.workspace_id = workspaces.workspace_id
    where memberships.block is not null

)

select
    workspace_id,
    block_key,
    block_kind
from (
    select
        known.*,
        count(*) over (partition by block_key) as workspaces
    from known
) as sized
where workspaces > 1
