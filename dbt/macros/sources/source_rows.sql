{% macro source_rows(source) -%}
    {%- set mapping = plg._source_mapping(source) -%}
    {%- if mapping is none -%}
        {%- set definition = plg._source_definitions()[source] -%}
        {%- set nulls = [] -%}
        {%- for column, type in dict(definition['required'], **definition.get('optional', {})).items() -%}
            {%- do nulls.append('cast(null as ' ~ plg.type_name(type) ~ ') as ' ~ column) -%}
        {%- endfor -%}
        {{ return('(select ' ~ nulls | join(', ') ~ ' limit 0) as no_' ~ source) }}
    {%- endif -%}
    {%- set relation = plg._source_relation(source, mapping) -%}
    {%- do plg._source_check(source, mapping, relation) -%}
    {%- set columns = [] -%}
    {%- for column, type in mapping['types'].items() -%}
        {%- set expression = mapping['expressions'].get(column, 'null') -%}
        {%- set expression = plg._source_utc(expression) if column in mapping['zoned'] else expression -%}
        {%- do columns.append('cast(' ~ expression ~ ' as ' ~ plg.type_name(type) ~ ') as ' ~ column) -%}
    {%- endfor -%}
    {#- With an alias, so that on BigQuery a column that is called like its table is not taken for the row. -#}
    {%- set rows = ['(\n    select\n        ' ~ columns | join(',\n        '), 'from ' ~ relation ~ ' as source_row'] -%}
    {%- if mapping.get('where') -%}
        {%- do rows.append('where ' ~ mapping['where']) -%}
    {%- endif -%}
    {{ return(rows | join('\n    ') ~ '\n) as mapped_' ~ source) }}
{%- endmacro %}
