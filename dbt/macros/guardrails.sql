{% macro guardrails() -%}
    {{ return(var('plg_guardrails', none) or plg.starter_guardrails()) }}
{%- endmacro %}
