{%- for name, machine in plg.journeys().items() %}
select
    workspace_id,
    {{ plg.text(name) }} as journey,
    {{ plg.fn('journey') }}(
        {{ plg.agg_events('event', 'occurred_at', facts=['role']) }},
        {{ plg.text(tojson(machine)) }},
        {{ plg.as_of() }}
    ) as result
from {{ ref('plg_int_workspace_events') }}
-- Only what the machine asks for: an array of everything that happened in a workspace may be long.
where event in ({{ plg.text_list(plg.journey_events(machine)) }})
group by workspace_id
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
