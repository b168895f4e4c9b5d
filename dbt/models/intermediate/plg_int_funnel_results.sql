{%- for name, funnel in plg.funnels().items() %}
{%- set events = [] -%}
{%- for step in funnel['steps'] -%}
    {%- do events.extend(step.get('events') or [step.get('event')]) -%}
{%- endfor -%}
{%- set definition = {'steps': funnel['steps']} -%}
{%- do definition.update({'window': funnel['window']} if funnel.get('window') else {}) %}
-- Only what the funnel asks for: an array of everything that somebody did may be long.
select
    user_id,
    {{ plg.text(name) }} as funnel,
    {{ plg.fn('funnel') }}(
        {{ plg.agg_events('event', 'occurred_at') }},
        {{ plg.text(tojson(definition)) }},
        {{ plg.as_of() }}
    ) as result
from {{ ref('plg_stg_events') }}
where
    ignored_reason is null
    and event in ({{ plg.text_list(events | unique | list) }})
    {%- if funnel.get('since') %}
    and occurred_at >= {{ plg.timestamp(funnel['since'], 'plg_funnels: ' ~ name ~ '.since') }}
    {%- endif %}
group by user_id
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
