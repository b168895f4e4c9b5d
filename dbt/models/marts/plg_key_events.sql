{%- for event in fromjson(plg.score_model())['events'] %}
select
    {{ plg.text(event['event']) }} as event,
    {{ plg.text(event['bucket']) }} as bucket,
    {{ plg.text(event['scope']) }} as scope,
    cast({{ event['points'] }} as {{ plg.type_name('float') }}) as points,
    {{ event.get('key', true) | string | lower }} as is_key
{{- '\nunion all' if not loop.last }}
{%- endfor %}
