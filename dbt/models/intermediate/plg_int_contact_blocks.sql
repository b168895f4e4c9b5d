{%- set settings = tojson(var('plg_contact_matching', none) or {}) -%}
select
    block_key,
    count(*) as members,
    {{ plg._computed_with(settings) }}
    || {{ plg._fingerprint(['match_key', 'email', 'email_kind', 'changed_at']) | indent(4) }} as computed_with
from {{ ref('plg_int_contact_members') }}
group by block_key
