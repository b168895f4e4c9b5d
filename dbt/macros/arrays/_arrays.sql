{#- An array that is empty where an aggregation of no rows gives NULL. -#}
{% macro _or_empty(array) -%}
    {{ return(adapter.dispatch('_or_empty', 'plg')(array)) }}
{%- endmacro %}

{% macro default___or_empty(array) -%}
    coalesce({{ array }}, [])
{%- endmacro %}

{% macro snowflake___or_empty(array) -%}
    coalesce({{ array }}, array_construct())
{%- endmacro %}

{#- NULL with the type of an array of rows: a function cannot see the fields of a bare NULL. -#}
{% macro _no_rows(fields) -%}
    {{ return(adapter.dispatch('_no_rows', 'plg')(fields)) }}
{%- endmacro %}

{% macro default___no_rows(fields) -%}
    {%- do plg.unsupported('_no_rows') -%}
{%- endmacro %}

{% macro duckdb___no_rows(fields) -%}
    cast(null as struct(
        {%- for name, type in fields.items() %}{{ name }} {{ plg.type_name(type) }}{{ ', ' if not loop.last }}{% endfor -%}
    )[])
{%- endmacro %}

{% macro snowflake___no_rows(fields) -%}
    cast(null as array)
{%- endmacro %}

{% macro bigquery___no_rows(fields) -%}
    cast(null as array<struct<
        {%- for name, type in fields.items() %}{{ name }} {{ plg.type_name(type) }}{{ ', ' if not loop.last }}{% endfor -%}
    >>)
{%- endmacro %}
