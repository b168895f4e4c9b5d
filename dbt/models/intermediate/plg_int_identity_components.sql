-- Plain components: identifiers that chains of links connect. What guardrails refuse is refused within them.
with merged as (

    select {{ plg.fn('identity_merge') }}({{ plg._or_empty(plg.agg_links('left_key', 'right_key')) }}) as result
    from {{ ref('plg_int_identity_rows') }}

),

components as (

    {{ plg.unnest_result('merged', {'identifier': 'string', 'canonical_id': 'string'}) | indent(4) }}

)

select
    identifier,
    canonical_id as component
from components
