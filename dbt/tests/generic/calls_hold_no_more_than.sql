{#- Groups that share a call have no more rows together than one call may hold. -#}
{% test calls_hold_no_more_than(model, limit=none) %}

select bucket
from {{ model }}
group by bucket
having sum(row_count) > {{ limit or plg._links_per_call() }} and count(*) > 1

{% endtest %}
