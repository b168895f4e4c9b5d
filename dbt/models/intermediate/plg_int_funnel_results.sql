{%- for name, funnel in plg.funnels().items() %}
{%- set events = [] -%}
{%- for step in funnel['steps'] -%}
    {%- do events.extend(step.get('events') or [step.get('event')]) -%}
{%- endfor -%}
{%- set definition = {'steps': funnel['steps']} -%}
{%- do definition.update({'window': funnel['window']} if funnel.get('window') else {}) -%}
{%- set audience = funnel.get('audience') -%}
{%- set entity_id = funnel.get('entity', 'user') ~ '_id' %}
select
    entity_id,
    {{ plg.text(name) }} as funnel,
    {{ plg.fn('funnel') }}(
        {{ plg.agg_events('event', 'occurred_at') }},
        {{ plg.text(tojson(definition)) }},
        {{ plg.as_of() }}
    ) as result
from (
    -- Only what the funnel asks for: an array of everything that somebody did may be long.
    select
        {{ entity_id }} as entity_id,
        event,
        occurred_at
    from {{ ref('plg_stg_events') }}
    where
        ignored_reason is null
        and {{ entity_id }} is not null
        and event in ({{ plg.text_list(events | unique | list) }})
    {%- if audience %}
    union all
    select
        cast({{ audience.get('member', 'member_id') }} as {{ plg.type_name('string') }}) as entity_id,
        'audience_entered' as event,
        cast({{ audience.get('entered_at', 'entered_at') }} as {{ plg.type_name('timestamp') }}) as occurred_at
    from {{ ref(audience['model']) }}
    {%- endif %}
) as events
{%- if funnel.get('since') %}
where occurred_at >= {{ plg.timestamp(funnel['since'], 'plg_funnels: ' ~ name ~ '.since') }}
{%- endif %}
group by entity_id
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
