{#- No check of plg_trust fails. -#}
{% test trust_holds(model) %}

select *
from {{ model }}
where status = 'fail'

{% endtest %}
