{#- Of these columns all are known, or none. -#}
{% test all_known_together(model, columns) %}

select *
from {{ model }}
where
    {%- for column in columns[1:] %}
    ({{ columns[0] }} is null) <> ({{ column }} is null){{ ' or' if not loop.last }}
    {%- endfor %}

{% endtest %}
