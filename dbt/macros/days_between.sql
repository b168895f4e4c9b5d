{% macro days_between(start, end) -%}
    {{ return('(' ~ dbt.datediff(start, end, 'microsecond') ~ ') / cast(86400000000 as '
        ~ plg.type_name('float') ~ ')') }}
{%- endmacro %}
