{% macro agg_links(id_a, id_b) -%}
    {{ return(adapter.dispatch('agg_links', 'plg')(id_a, id_b)) }}
{%- endmacro %}

{% macro default__agg_links(id_a, id_b) -%}
    {%- do plg.unsupported('agg_links') -%}
{%- endmacro %}

{% macro duckdb__agg_links(id_a, id_b) -%}
    list(struct_pack(id_a := {{ id_a }}, id_b := {{ id_b }}))
{%- endmacro %}

{% macro snowflake__agg_links(id_a, id_b) -%}
    array_agg(object_construct_keep_null('id_a', {{ id_a }}, 'id_b', {{ id_b }}))
{%- endmacro %}

{% macro bigquery__agg_links(id_a, id_b) -%}
    array_agg(struct({{ id_a }} as id_a, {{ id_b }} as id_b))
{%- endmacro %}
