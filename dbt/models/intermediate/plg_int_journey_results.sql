{%- for name, machine in plg.journeys().items() %}
{%- set enrolling = plg._journey_enrolments(machine) -%}
{%- set events = plg.journey_events(machine) | reject('in', enrolling) | list -%}
{%- set fields = {'event': 'event', 'occurred_at': 'occurred_at'} -%}
{%- do fields.update({'facts': plg.facts(['role'])} if plg._journey_asks_for_facts(machine) else {}) %}
select
    workspace_id,
    {{ plg.text(name) }} as journey,
    {{ plg.fn('journey') }}(
        {{ plg.agg_rows(fields) }},
        {{ plg.text(tojson(machine)) }},
        {{ plg.as_of() }}
    ) as result
from (
    -- Only what the machine asks for: an array of everything that happened in a workspace may be long.
    select
        workspace_id,
        event,
        occurred_at,
        role
    from {{ ref('plg_int_workspace_events') }}
    where {{ 'event in (' ~ plg.text_list(events) ~ ')' if events else 'false' }}
    {%- if enrolling %}
    union all
    -- Of what only enrols the first, for nobody leaves this machine.
    select
        workspace_id,
        event,
        min(occurred_at) as occurred_at,
        cast(null as {{ plg.type_name('string') }}) as role
    from {{ ref('plg_int_workspace_events') }}
    where event in ({{ plg.text_list(enrolling) }})
    group by workspace_id, event
    {%- endif %}
) as events
group by workspace_id
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
