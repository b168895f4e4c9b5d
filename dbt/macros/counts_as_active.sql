{% macro counts_as_active(event) -%}
    {%- set negative_events = var('plg_negative_events', ['workspace_downgraded', 'uninstall_integration']) -%}
    {{ return(event ~ ' not in (' ~ plg.text_list(negative_events) ~ ')' if negative_events else 'true') }}
{%- endmacro %}
