{%- set settings = tojson(var('plg_duplicate_thresholds', none) or {}) -%}
select
    block_key,
    min(block_kind) as block_kind,
    max(workspaces) as workspaces,
    max(memberships) as memberships,
    max(workspaces) <= {{ var('plg_duplicate_block_workspaces', 500) }}
    and max(memberships) <= {{ var('plg_duplicate_block_memberships', 50000) }} as is_compared,
    max(computed_with) as computed_with
from (
    select
        block_key,
        cast(null as {{ plg.type_name('string') }}) as block_kind,
        count(distinct workspace_id) as workspaces,
        sum(case when part = 'membership' then 1 else 0 end) as memberships,
        {{ plg._computed_with(settings) }}
        || {{ plg._fingerprint([
            'part', 'workspace_id', 'workspace_type', 'sso_domain', 'billing_entity', 'person_id'
        ]) | indent(8) }} as computed_with
    from {{ ref('plg_int_workspace_block_rows') }}
    group by block_key
    union all
    select distinct
        block_key,
        block_kind,
        0 as workspaces,
        0 as memberships,
        cast(null as {{ plg.type_name('string') }}) as computed_with
    from {{ ref('plg_int_workspace_blocks') }}
) as counted
group by block_key
