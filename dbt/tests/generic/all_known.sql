{#- not_null for several columns at once: a test is a query of its own. -#}
{% test all_known(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
    {{ column }} is null{{ ' or' if not loop.last }}
    {%- endfor %}

{% endtest %}
