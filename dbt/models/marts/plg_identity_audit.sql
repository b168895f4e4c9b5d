{#- Reads what it replaces, so the old table has to be there until the new one is. -#}
{{ config(materialized='table') }}
-- depends_on: {{ ref('plg_int_identity_groups') }}
{%- set stored = none if flags.FULL_REFRESH else plg._identity_kept('plg_identity_audit') -%}
-- Demotions and absorbed ids follow from the tables of this run; refusals of components that it left alone are those of before.
with found as (

    {{ plg.unnest_result(
        ref('plg_int_identity_results'),
        path='audit',
        fields={
            'reason': 'string', 'link_count': 'float', 'left_type': 'string', 'left_value': 'string',
            'right_type': 'string', 'right_value': 'string', 'limited_type': 'string'
        }
    ) | indent(4) }}

),

refusals as (

    select
        reason,
        left_type,
        left_value,
        right_type,
        right_value,
        limited_type
    from found
    where right_value is not null

    union all

    select
        reason,
        left_type,
        left_value,
        right_type,
        right_value,
        limited_type
    from {{ ref('plg_int_identity_passes') }}
    where reason is not null
    {%- if stored is not none %}

    union all

    select
        stored_rows.reason,
        stored_rows.left_type,
        stored_rows.left_value,
        stored_rows.right_type,
        stored_rows.right_value,
        stored_rows.limited_type
    from {{ stored }} as stored_rows
    left join {{ ref('plg_int_identity_groups') }} as touched
        on {{ plg._identity_key('stored_rows.left_type', 'stored_rows.left_value') }} = touched.identifier
    where
        stored_rows.reason in ('unique_type', 'type_limit', 'cluster_size')
        and touched.identifier is null
    {%- endif %}

),

absorbed as (

    select
        identities.identifier_type as left_type,
        identities.identifier as left_value,
        identities.canonical_id,
        ledger.canonical_id as other_canonical_id
    from {{ ref('plg_identity_ledger') }} as ledger
    inner join {{ ref('plg_identities') }} as identities
        on ledger.founder_type = identities.identifier_type and ledger.founder_value = identities.identifier
    where ledger.canonical_id <> identities.canonical_id

)

select
    refusals.reason,
    1 as link_count,
    refusals.left_type,
    refusals.left_value,
    refusals.right_type,
    refusals.right_value,
    refusals.limited_type,
    left_identities.canonical_id,
    right_identities.canonical_id as other_canonical_id
from refusals
-- What is no identifier any more has no refusals either.
inner join {{ ref('plg_identities') }} as left_identities
    on refusals.left_type = left_identities.identifier_type and refusals.left_value = left_identities.identifier
inner join {{ ref('plg_identities') }} as right_identities
    on refusals.right_type = right_identities.identifier_type and refusals.right_value = right_identities.identifier

union all

select
    identifiers.demoted as reason,
    identifiers.link_count,
    identifiers.identifier_type as left_type,
    identifiers.identifier as left_value,
    cast(null as {{ plg.type_name('string') }}) as right_type,
    cast(null as {{ plg.type_name('string') }}) as right_value,
    cast(null as {{ plg.type_name('string') }}) as limited_type,
    identities.canonical_id,
    cast(null as {{ plg.type_name('string') }}) as other_canonical_id
from {{ ref('plg_int_identity_identifiers') }} as identifiers
inner join {{ ref('plg_identities') }} as identities
    on identifiers.identifier_type = identities.identifier_type and identifiers.identifier = identities.identifier
where identifiers.demoted is not null

union all

select
    'absorbed' as reason,
    0 as link_count,
    left_type,
    left_value,
    cast(null as {{ plg.type_name('string') }}) as right_type,
    cast(null as {{ plg.type_name('string') }}) as right_value,
    cast(null as {{ plg.type_name('string') }}) as limited_type,
    canonical_id,
    other_canonical_id
from absorbed
