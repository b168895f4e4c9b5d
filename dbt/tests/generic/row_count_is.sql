{#- The model has so many rows: a number, or a query that gives one. -#}
{% test row_count_is(model, expected) %}

select count(*) as row_count
from {{ model }}
having count(*) <> {{ expected }}

{% endtest %}
