{% macro type_name(type) -%}
    {%- set name = adapter.dispatch('type_names', 'plg')().get(type) -%}
    {%- if name is none -%}
        {%- do exceptions.raise_compiler_error(
            'plg.type_name: the type is one of string, float, integer, boolean, date and timestamp, not ' ~ type
        ) -%}
    {%- endif -%}
    {{ return(name) }}
{%- endmacro %}

{#- Not dbt.type_float(): that is a 32-bit number on DuckDB. -#}
{% macro default__type_names() -%}
    {{ return({
        'string': 'varchar', 'float': 'double', 'integer': 'bigint', 'boolean': 'boolean', 'date': 'date',
        'timestamp': 'timestamp',
    }) }}
{%- endmacro %}

{% macro snowflake__type_names() -%}
    {{ return({
        'string': 'varchar', 'float': 'float', 'integer': 'number(38, 0)', 'boolean': 'boolean', 'date': 'date',
        'timestamp': 'timestamp_ntz',
    }) }}
{%- endmacro %}

{% macro bigquery__type_names() -%}
    {{ return({
        'string': 'string', 'float': 'float64', 'integer': 'int64', 'boolean': 'bool', 'date': 'date',
        'timestamp': 'timestamp',
    }) }}
{%- endmacro %}
