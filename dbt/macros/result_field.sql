{% macro result_field(result, path) -%}
    {{ return(adapter.dispatch('result_field', 'plg')(result, path)) }}
{%- endmacro %}

{% macro default__result_field(result, path) -%}
    {{ result }}.{{ path }}
{%- endmacro %}

{% macro snowflake__result_field(result, path) -%}
    {{ result }}:{{ path }}::array
{%- endmacro %}
