{{
    config(
        materialized='incremental', unique_key='block_key',
        post_hook="{{ plg._forget_vanished(ref('plg_int_workspace_block_sizes'), 'block_key', 'is_compared') }}"
    )
}}
{%- set settings = tojson(var('plg_duplicate_thresholds', none) or {}) -%}
-- One call per block, and only where something about it has changed.
with touched as (

    select sizes.*
    from {{ ref('plg_int_workspace_block_sizes') }} as sizes
    {%- if is_incremental() %}
    left join {{ this }} as stored_rows
        on sizes.block_key = stored_rows.block_key and sizes.computed_with = stored_rows.computed_with
    {%- endif %}
    where
        sizes.is_compared
        {%- if is_incremental() %}
        and stored_rows.block_key is null
        {%- endif %}

),

workspace_lists as (

    select
        block_rows.block_key,
        {{ plg.agg_rows({
            'workspace_id': 'block_rows.workspace_id', 'type': 'block_rows.workspace_type',
            'sso_domain': 'block_rows.sso_domain', 'billing_id': 'block_rows.billing_entity'
        }) | indent(8) }} as workspace_list
    from {{ ref('plg_int_workspace_block_rows') }} as block_rows
    inner join touched
        on block_rows.block_key = touched.block_key
    where block_rows.part = 'workspace'
    group by block_rows.block_key

),

membership_lists as (

    select
        block_rows.block_key,
        {{ plg.agg_rows({'workspace_id': 'block_rows.workspace_id', 'user_id': 'block_rows.person_id'}) | indent(8) }}
            as membership_list
    from {{ ref('plg_int_workspace_block_rows') }} as block_rows
    inner join touched
        on block_rows.block_key = touched.block_key
    where block_rows.part = 'membership'
    group by block_rows.block_key

)

select
    touched.block_key,
    touched.computed_with,
    {{ plg.as_of() }} as updated_at,
    {{ plg.fn('merge_candidates') }}(
        {{ plg._or_empty('workspace_lists.workspace_list') }},
        {{ plg._or_empty('membership_lists.membership_list') }},
        {{ plg.text(settings) }}
    ) as result
from touched
left join workspace_lists
    on touched.block_key = workspace_lists.block_key
left join membership_lists
    on touched.block_key = membership_lists.block_key
