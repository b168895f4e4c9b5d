{%- set facts = ['usage', 'entitlement', 'is_self_serve'] -%}

select
    workspace_id,
    as_of,
    {{ facts | join(',\n    ') }},
    {{ plg.status(facts, plg.workspace_status_rules()) | indent(4) }} as status
from {{ ref('plg_int_workspace_facts') }}
