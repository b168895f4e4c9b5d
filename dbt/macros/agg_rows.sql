{% macro agg_rows(fields) -%}
    {{ return(adapter.dispatch('agg_rows', 'plg')(plg.facts(fields))) }}
{%- endmacro %}

{% macro default__agg_rows(row) -%}
    {%- do plg.unsupported('agg_rows') -%}
{%- endmacro %}

{% macro duckdb__agg_rows(row) -%}
    list({{ row }})
{%- endmacro %}

{% macro snowflake__agg_rows(row) -%}
    array_agg({{ row }})
{%- endmacro %}

{% macro bigquery__agg_rows(row) -%}
    array_agg({{ row }})
{%- endmacro %}
