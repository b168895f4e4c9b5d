{#- Reads what it replaces, so the old table has to be there until the new one is. -#}
{{ config(materialized='table') }}
{%- set stored = none if flags.FULL_REFRESH else plg._identity_kept('plg_identities') -%}
-- Every identifier is here. A person is what this run resolved, or else what it was before.
with resolved as (

    {{ plg.unnest_result(
        ref('plg_int_identity_results'),
        path='identifiers',
        fields={'identifier_type': 'string', 'identifier': 'string', 'canonical_id': 'string'}
    ) | indent(4) }}

)

select
    identifiers.identifier_type,
    identifiers.identifier,
    {%- if stored is none %}
    resolved.canonical_id,
    {%- else %}
    coalesce(resolved.canonical_id, stored_rows.canonical_id) as canonical_id,
    {%- endif %}
    identifiers.first_seen,
    identifiers.last_seen,
    identifiers.demoted,
    {%- if stored is none %}
    {{ plg.as_of() }} as updated_at
    {%- else %}
    case
        when
            coalesce(resolved.canonical_id, stored_rows.canonical_id) = stored_rows.canonical_id
            and identifiers.first_seen = stored_rows.first_seen
            and identifiers.last_seen = stored_rows.last_seen
            and coalesce(identifiers.demoted, '') = coalesce(stored_rows.demoted, '')
            then stored_rows.updated_at
        else {{ plg.as_of() }}
    end as updated_at
    {%- endif %}
from {{ ref('plg_int_identity_identifiers') }} as identifiers
left join resolved
    on identifiers.identifier_type = resolved.identifier_type and identifiers.identifier = resolved.identifier
{%- if stored is not none %}
left join {{ stored }} as stored_rows
    on identifiers.identifier_type = stored_rows.identifier_type and identifiers.identifier = stored_rows.identifier
{%- endif %}
