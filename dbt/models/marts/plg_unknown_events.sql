{%- set known_events = fromjson(plg.score_model())['events'] | map(attribute='event') | list -%}

select
    event,
    sum(event_count) as event_count,
    count(distinct user_id) as user_count
from {{ ref('plg_daily_events') }}
where event not in ({{ plg.text_list(known_events) }})
group by event
