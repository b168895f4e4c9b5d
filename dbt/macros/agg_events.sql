{% macro agg_events(event, occurred_at, count='1') -%}
    {{ return(adapter.dispatch('agg_events', 'plg')(event, occurred_at, count)) }}
{%- endmacro %}

{% macro default__agg_events(event, occurred_at, count) -%}
    {%- do plg.unsupported('agg_events') -%}
{%- endmacro %}

{% macro duckdb__agg_events(event, occurred_at, count) -%}
    list(struct_pack(event := {{ event }}, occurred_at := {{ occurred_at }}, count := {{ count }}))
{%- endmacro %}

{% macro snowflake__agg_events(event, occurred_at, count) -%}
    array_agg(
        object_construct_keep_null('event', {{ event }}, 'occurred_at', {{ occurred_at }}, 'count', {{ count }})
    )
{%- endmacro %}

{% macro bigquery__agg_events(event, occurred_at, count) -%}
    array_agg(struct({{ event }} as event, {{ occurred_at }} as occurred_at, {{ count }} as count))
{%- endmacro %}
