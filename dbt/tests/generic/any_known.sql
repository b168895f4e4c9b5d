{#- A row of which none of these is known says nothing. -#}
{% test any_known(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns %}
    {{ column }} is null{{ ' and' if not loop.last }}
    {%- endfor %}

{% endtest %}
