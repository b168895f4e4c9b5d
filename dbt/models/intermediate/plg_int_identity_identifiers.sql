{%- set guardrails = fromjson(plg.guardrails()) -%}
{%- set nothing = 'cast(null as ' ~ plg.type_name('string') ~ ')' -%}
-- Every identifier once, with how many others it is linked to, and why it must not connect them.
with mentions as (

    select
        left_key as identifier_key,
        left_rank as type_rank,
        left_type as identifier_type,
        left_value as identifier,
        first_seen,
        last_seen,
        case when right_key is null then 0 else 1 end as links
    from {{ ref('plg_int_identity_links') }}

    union all

    select
        right_key as identifier_key,
        right_rank as type_rank,
        right_type as identifier_type,
        right_value as identifier,
        first_seen,
        last_seen,
        1 as links
    from {{ ref('plg_int_identity_links') }}
    where right_key is not null

),

identifiers as (

    select
        identifier_key,
        type_rank,
        identifier_type,
        identifier,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen,
        cast(sum(links) as {{ plg.type_name('integer') }}) as link_count
    from mentions
    group by identifier_key, type_rank, identifier_type, identifier

),

shared as (

    select
        {{ plg._identity_key('identifier_type', 'identifier') }} as shared_key
    from {{ ref('plg_stg_shared_identifiers') }}
    where identifier_type is not null and identifier is not null

),

judged as (

    select
        identifiers.*,
        case
            when {{ plg._identity_is_blocked('identifiers.identifier_type', 'identifiers.identifier') }} then 'blocked_value'
            when shared.shared_key is not null then 'shared'
            when
                identifiers.identifier_type = 'email'
                and {{ plg.fn('email_kind') }}(
                    identifiers.identifier,
                    {{ nothing }},
                    {{ plg._no_rows({'domain': 'string', 'kind': 'string'}) }}
                ) = 'shared_inbox'
                then 'shared'
            {%- if var('plg_block_placeholders', false) %}
            when {{ plg.fn('is_blocked_identifier') }}(
                identifiers.identifier, {{ plg._no_rows({'identifier': 'string'}) }}
            ) then 'shared'
            {%- endif %}
            {%- if 'hub_links' in guardrails %}
            when identifiers.link_count > {{ guardrails['hub_links'] }} then 'hub'
            {%- endif %}
        end as demoted
    from identifiers
    left join shared
        on identifiers.identifier_key = shared.shared_key

)

select
    identifier_key,
    type_rank,
    identifier_type,
    identifier,
    first_seen,
    last_seen,
    link_count,
    demoted
from judged
