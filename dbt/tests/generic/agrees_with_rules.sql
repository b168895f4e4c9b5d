{#- Status rules are the inside of a SQL CASE, so the warehouse can judge the same facts by itself. -#}
{% test agrees_with_rules(model, column_name, rules) %}

select *
from (
    select
        {{ column_name }} as actual,
        case {{ rules }} end as expected
    from {{ model }}
) as statuses
where actual <> expected or (actual is null) <> (expected is null)

{% endtest %}
