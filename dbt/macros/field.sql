{% macro field(result, path, type) -%}
    {{ return(adapter.dispatch('field', 'plg')(result, path, type)) }}
{%- endmacro %}

{% macro default__field(result, path, type) -%}
    cast({{ result }}.{{ path }} as {{ plg.type_name(type) }})
{%- endmacro %}

{% macro snowflake__field(result, path, type) -%}
    {{ result }}:{{ path }}::{{ plg.type_name(type) }}
{%- endmacro %}
