{#- From 10 to 25 key events, each in exactly one bucket of the taxonomy. -#}
{% test key_event_taxonomy(
    model, at_least=10, at_most=25, buckets=['activation', 'depth', 'expansion', 'intent', 'negative']
) %}

select
    'the number of key events' as problem,
    cast(count(distinct event) as {{ plg.type_name('string') }}) as found
from {{ model }}
where is_key
having count(distinct event) < {{ at_least }} or count(distinct event) > {{ at_most }}

union all

select
    'a key event is not in exactly one bucket' as problem,
    event as found
from {{ model }}
where is_key
group by event
having count(*) <> 1 or count(case when bucket in ({{ plg.text_list(buckets) }}) then 1 end) <> 1

{% endtest %}
