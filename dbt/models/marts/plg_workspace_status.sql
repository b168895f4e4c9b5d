{%- set facts = ['usage', 'entitlement', 'is_self_serve'] -%}

select
    workspace_id,
    as_of,
    {{ facts | join(',\n    ') }},
    {%- if var('plg_status_by') == 'case' %}
    {{ plg.status_case_sql(plg.workspace_status_rules()) | indent(4) }} as status
    {%- else %}
    {{ plg.fn('status_case') }}(
        {{ plg.facts(facts) }},
        {{ plg.text(plg.workspace_status_rules()) }},
        {{ plg.as_of() }}
    ) as status
    {%- endif %}
from {{ ref('plg_int_workspace_facts') }}
