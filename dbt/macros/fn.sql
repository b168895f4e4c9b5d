{% macro fn(name) -%}
    {{ return(adapter.dispatch('fn', 'plg')(name)) }}
{%- endmacro %}

{% macro default__fn(name) -%}
    {%- set database = var('plg_functions_database', none) -%}
    {%- set schema = var('plg_functions_schema', 'plg') -%}
    {{ return((database ~ '.' if database else '') ~ schema ~ '.' ~ name) }}
{%- endmacro %}

{#- A project's name may hold a dash, which needs back-ticks. -#}
{% macro bigquery__fn(name) -%}
    {%- set database = var('plg_functions_database', none) -%}
    {%- set schema = var('plg_functions_schema', 'plg') -%}
    {{ return(('`' ~ database ~ '`.' if database else '') ~ schema ~ '.' ~ name) }}
{%- endmacro %}
