{% macro facts(facts) -%}
    {#- A list names columns; a mapping gives each fact an expression. -#}
    {%- set pairs = facts.items() | list if facts is mapping else zip(facts, facts) | list -%}
    {{ return(adapter.dispatch('facts', 'plg')(pairs)) }}
{%- endmacro %}

{% macro default__facts(pairs) -%}
    {%- do plg.unsupported('facts') -%}
{%- endmacro %}

{% macro duckdb__facts(pairs) -%}
    struct_pack(
        {%- for name, expression in pairs %}{{ name }} := {{ expression }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}

{% macro snowflake__facts(pairs) -%}
    object_construct_keep_null(
        {%- for name, expression in pairs %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}

{% macro bigquery__facts(pairs) -%}
    struct(
        {%- for name, expression in pairs %}{{ expression }} as {{ name }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}
