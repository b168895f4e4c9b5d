{% macro optional_source(table, columns) -%}
    {%- if var('plg_' ~ table ~ '_table', none) -%}
        {{ return(source('plg_raw', table)) }}
    {%- endif -%}
    {%- set nulls = [] -%}
    {%- for name, type in columns.items() -%}
        {%- do nulls.append('cast(null as ' ~ plg.type_name(type) ~ ') as ' ~ name) -%}
    {%- endfor -%}
    {{ return('(select ' ~ nulls | join(', ') ~ ' limit 0) as no_' ~ table) }}
{%- endmacro %}
