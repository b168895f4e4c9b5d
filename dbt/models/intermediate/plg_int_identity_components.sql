{{ config(materialized='plg_components') }}
-- Plain components: identifiers that chains of links connect. What guardrails refuse is refused within them. The
-- materialisation makes a table of this: identifier, component.
select
    left_key as id_a,
    right_key as id_b
from {{ ref('plg_int_identity_rows') }}
