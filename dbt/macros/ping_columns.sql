{% macro ping_columns() -%}
    {%- set columns = {
        'reported_mau': {'metric': 'core_feature_users', 'period': '28d', 'is_aggregated': true},
        'nodes': {'metric': 'nodes', 'period': 'all_time', 'is_aggregated': false},
        'runners': {'metric': 'runners', 'period': 'all_time', 'is_aggregated': false},
    } -%}
    {%- for column, declared in (var('plg_ping_columns', none) or {}).items() -%}
        {%- if not declared.get('metric') or declared.get('period') not in ['7d', '28d', 'all_time'] -%}
            {%- do exceptions.raise_compiler_error(
                'plg_ping_columns: ' ~ column ~ ' needs a metric, and a period that is 7d, 28d or all_time'
            ) -%}
        {%- endif -%}
        {%- do columns.update({column: declared}) -%}
    {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}
