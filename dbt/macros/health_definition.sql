{% macro health_definition() -%}
    {{ return(var('plg_health', none) or plg.starter_health()) }}
{%- endmacro %}
