{% test trust_holds(model) %}

select *
from {{ model }}
where status = 'fail'

{% endtest %}
