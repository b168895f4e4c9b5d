{#- The warehouse's own CASE of the same rules judges the same facts. While dbt parses, there are no arguments yet. -#}
{% test agrees_with_rules(model, column_name, rules) %}

select *
from (
    select
        {{ column_name }} as actual,
        {{ plg.status_case_sql(rules) if execute else 'null' }} as expected
    from {{ model }}
) as statuses
where actual <> expected or (actual is null) <> (expected is null)

{% endtest %}
