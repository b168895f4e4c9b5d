{% macro agg_values(value) -%}
    {{ return(adapter.dispatch('agg_values', 'plg')(value)) }}
{%- endmacro %}

{% macro default__agg_values(value) -%}
    array_agg({{ value }})
{%- endmacro %}

{% macro duckdb__agg_values(value) -%}
    list({{ value }})
{%- endmacro %}
