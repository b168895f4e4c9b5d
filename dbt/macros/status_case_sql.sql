{% macro status_case_sql(rules, as_of=none, facts_alias=none, adapter_type=none, columns=none) -%}
    {%- set warehouse = adapter_type or target.type -%}
    {%- if warehouse not in ['duckdb', 'snowflake', 'bigquery'] -%}
        {%- do exceptions.raise_compiler_error(
            'plg.status_case_sql is written for DuckDB, Snowflake and BigQuery, not for ' ~ warehouse
        ) -%}
    {%- endif -%}
    {%- set tree = plg._status_parse(rules) -%}
    {%- do plg._status_infer(tree) -%}
    {%- set printing = {
        'warehouse': warehouse,
        'as_of': '(' ~ as_of ~ ')' if as_of else none,
        'prefix': facts_alias ~ '.' if facts_alias else '',
        'columns': columns | map('lower') | list if columns is not none else none,
        'tree': tree,
        'types': plg._status_type_names(warehouse),
    } -%}
    {%- set lines = ['case'] -%}
    {%- for condition, status in tree['rules'] -%}
        {%- set sql = plg._status_sql(printing, condition, 'boolean') -%}
        {%- do lines.append('    when ' ~ sql ~ ' then ' ~ plg._status_literal(printing, status)) -%}
    {%- endfor -%}
    {%- do lines.append('    else ' ~ plg._status_literal(printing, tree['otherwise'])) -%}
    {%- do lines.append('end') -%}
    {{ return(lines | join('\n')) }}
{%- endmacro %}
