{% macro days_before(days) -%}
    {%- set today = 'cast(' ~ plg.as_of() ~ ' as date)' -%}
    {{ return('cast(' ~ dbt.dateadd('day', -days, today) ~ ' as date)') }}
{%- endmacro %}
