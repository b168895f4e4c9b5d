{% macro agg_events(event, occurred_at, count='1', facts=none) -%}
    {%- set fields = {'event': event, 'occurred_at': occurred_at, 'count': count} -%}
    {%- do fields.update({'facts': plg.facts(facts)} if facts else {}) -%}
    {{ return(adapter.dispatch('agg_events', 'plg')(plg.facts(fields))) }}
{%- endmacro %}

{% macro default__agg_events(row) -%}
    {%- do plg.unsupported('agg_events') -%}
{%- endmacro %}

{% macro duckdb__agg_events(row) -%}
    list({{ row }})
{%- endmacro %}

{% macro snowflake__agg_events(row) -%}
    array_agg({{ row }})
{%- endmacro %}

{% macro bigquery__agg_events(row) -%}
    array_agg({{ row }})
{%- endmacro %}
