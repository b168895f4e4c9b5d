{% macro classified_columns(class=none) -%}
    {%- set found = [] -%}
    {%- for node in (graph.nodes.values() | list if execute else []) if node['resource_type'] == 'model' -%}
        {%- for column in node['columns'].values() -%}
            {%- set of = ((column.get('config') or {}).get('meta') or column.get('meta') or {}).get('plg_class') -%}
            {%- if of and class in [none, of] -%}
                {%- do found.append({'model': node['name'], 'column': column['name'], 'class': of}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
