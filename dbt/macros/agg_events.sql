{% macro agg_events(event, occurred_at, count='1', facts=none, user_id=none, max_per_hour=none) -%}
    {%- set fields = {'user_id': user_id} if user_id else {} -%}
    {%- do fields.update({'event': event, 'occurred_at': occurred_at, 'count': count}) -%}
    {%- do fields.update({'max_per_hour': max_per_hour} if max_per_hour else {}) -%}
    {%- do fields.update({'facts': plg.facts(facts)} if facts else {}) -%}
    {{ return(plg.agg_rows(fields)) }}
{%- endmacro %}
