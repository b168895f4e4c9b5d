{#- Fails with a row for each problem of a scoring model: where it is, and what is wrong. -#}
{% test model_has_no_problems(model, column_name='document') %}

{{ plg.unnest_result(
    '(select ' ~ plg.fn('model_check') ~ '(' ~ column_name ~ ') as result from ' ~ model ~ ')',
    {'path': 'string', 'problem': 'string'}
) }}

{% endtest %}
