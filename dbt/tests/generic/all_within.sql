{#- within_range for several columns of one range at once. -#}
{% test all_within(model, columns, at_least=none, at_most=none) %}

select *
from {{ model }}
where
    false
    {%- for column in columns %}
    {%- if at_least is not none %}
    or {{ column }} < {{ at_least }}
    {%- endif %}
    {%- if at_most is not none %}
    or {{ column }} > {{ at_most }}
    {%- endif %}
    {%- endfor %}

{% endtest %}
