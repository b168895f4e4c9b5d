-- Everything that merge_candidates is asked about each block, one row per element of its lists.
select
    blocks.block_key,
    'workspace' as part,
    blocks.workspace_id,
    workspaces.type as workspace_type,
    sso_domains.email_domain as sso_domain,
    cast(null as {{ plg.type_name('string') }}) as billing_entity,
    cast(null as {{ plg.type_name('string') }}) as person_id
from {{ ref('plg_int_workspace_blocks') }} as blocks
inner join {{ ref('plg_int_workspaces') }} as workspaces
    on blocks.workspace_id = workspaces.workspace_id
left join {{ ref('plg_int_workspace_signal_domains') }} as sso_domains
    on blocks.workspace_id = sso_domains.workspace_id and sso_domains.signal = 'sso_domain'

union all

select distinct
    blocks.block_key,
    'workspace' as part,
    blocks.workspace_id,
    workspaces.type as workspace_type,
    cast(null as {{ plg.type_name('string') }}) as sso_domain,
    domains.billing_entity,
    cast(null as {{ plg.type_name('string') }}) as person_id
from {{ ref('plg_int_workspace_blocks') }} as blocks
inner join {{ ref('plg_int_workspaces') }} as workspaces
    on blocks.workspace_id = workspaces.workspace_id
inner join {{ ref('plg_stg_workspace_domains') }} as domains
    on blocks.workspace_id = domains.workspace_id
where domains.billing_entity is not null

union all

select
    blocks.block_key,
    'membership' as part,
    blocks.workspace_id,
    cast(null as {{ plg.type_name('string') }}) as workspace_type,
    cast(null as {{ plg.type_name('string') }}) as sso_domain,
    cast(null as {{ plg.type_name('string') }}) as billing_entity,
    people.person_id
from {{ ref('plg_int_workspace_blocks') }} as blocks
inner join {{ ref('plg_workspace_people') }} as people
    on blocks.workspace_id = people.workspace_id
