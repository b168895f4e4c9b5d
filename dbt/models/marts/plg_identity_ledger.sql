{{ config(materialized='incremental', full_refresh=false) }}
-- Ids last because this table only gets longer: nothing else can tell which ids were given.
with minted as (

    {{ plg.unnest_result(
        ref('plg_int_identity_results'),
        path='minted',
        fields=plg._ledger_fields()
    ) | indent(4) }}

)

select
    minted.canonical_id,
    minted.founder_type,
    minted.founder_value,
    minted.minted_at
from minted
{%- if is_incremental() %}
left join {{ this }} as ledger
    on minted.canonical_id = ledger.canonical_id
where ledger.canonical_id is null
{%- endif %}
