{% macro habit() -%}
    {%- set habit = {'days': 3, 'within_days': 7} -%}
    {%- do habit.update(var('plg_habit', none) or {}) -%}
    {{ return(habit) }}
{%- endmacro %}
