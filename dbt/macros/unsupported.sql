{% macro unsupported(name) -%}
    {%- do exceptions.raise_compiler_error(
        'plg.' ~ name ~ ' is written for DuckDB, Snowflake and BigQuery, not for ' ~ target.type
    ) -%}
{%- endmacro %}
