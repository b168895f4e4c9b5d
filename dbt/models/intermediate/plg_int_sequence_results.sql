{%- for name, sequence in plg.sequences().items() %}
{%- set document = {'name': name} -%}
{%- for field, value in sequence.items() if field != 'facts' -%}
    {%- do document.update({field: value}) -%}
{%- endfor %}
select
    workspace_id,
    {{ plg.text(name) }} as sequence,
    {{ plg.fn('sequence_step') }}(
        {{ plg.facts(sequence['facts']) }},
        {{ plg.text(tojson(document)) }},
        {{ plg.as_of() }}
    ) as result
from {{ ref('plg_int_workspace_milestones') }}
{%- if not loop.last %}

union all
{% endif %}
{%- endfor %}
