{% macro unnest_result(relation, fields, keys=[], result='result', path=none, position=none) -%}
    {{ return(adapter.dispatch('unnest_result', 'plg')(relation, fields, keys, result, path, position)) }}
{%- endmacro %}

{% macro default__unnest_result(relation, fields, keys, result, path, position) -%}
    {%- do plg.unsupported('unnest_result') -%}
{%- endmacro %}

{% macro duckdb__unnest_result(relation, fields, keys, result, path, position) -%}
    select
        {%- for key in keys %}
        source_row.{{ key }},
        {%- endfor %}
        {%- if position %}
        cast(item.position as {{ plg.type_name('integer') }}) as {{ position }},
        {%- endif %}
        {%- for name, type in fields.items() %}
        {{ plg.list_text('item.element', name) if type == 'list' else plg.field('item.element', name, type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }} as source_row
    cross join unnest(source_row.{{ result }}{{ '.' ~ path if path }}) with ordinality as item(element, position)
{%- endmacro %}

{% macro snowflake__unnest_result(relation, fields, keys, result, path, position) -%}
    select
        {%- for key in keys %}
        source_row.{{ key }},
        {%- endfor %}
        {%- if position %}
        item.index + 1 as {{ position }},
        {%- endif %}
        {%- for name, type in fields.items() %}
        {{ plg.list_text('item.value', name) if type == 'list' else plg.field('item.value', name, type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }} as source_row,
        lateral flatten(input => source_row.{{ result }}{{ ':' ~ path if path }}) as item
{%- endmacro %}

{% macro bigquery__unnest_result(relation, fields, keys, result, path, position) -%}
    select
        {%- for key in keys %}
        source_row.{{ key }},
        {%- endfor %}
        {%- if position %}
        item_offset + 1 as {{ position }},
        {%- endif %}
        {%- for name, type in fields.items() %}
        {{ plg.list_text('item', name) if type == 'list' else plg.field('item', name, type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }} as source_row
    cross join unnest(source_row.{{ result }}{{ '.' ~ path if path }}) as item with offset as item_offset
{%- endmacro %}
