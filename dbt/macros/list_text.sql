{% macro list_text(result, path) -%}
    {{ return(adapter.dispatch('list_text', 'plg')(result, path)) }}
{%- endmacro %}

{% macro default__list_text(result, path) -%}
    array_to_string({{ result }}.{{ path }}, ', ')
{%- endmacro %}

{% macro snowflake__list_text(result, path) -%}
    array_to_string({{ result }}:{{ path }}::array, ', ')
{%- endmacro %}
