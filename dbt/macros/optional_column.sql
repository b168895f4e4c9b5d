{% macro optional_column(table, column, type) -%}
    {%- if column in (var('plg_optional_columns', none) or {}).get(table, []) -%}
        {{ return('cast(' ~ column ~ ' as ' ~ plg.type_name(type) ~ ')') }}
    {%- endif -%}
    {{ return('cast(null as ' ~ plg.type_name(type) ~ ')') }}
{%- endmacro %}
