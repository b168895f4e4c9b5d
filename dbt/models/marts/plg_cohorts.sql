{%- set experiments = plg.experiments() -%}

with assignments as (

    {%- for name, experiment in experiments.items() %}
    select
        entity_id,
        {{ plg.text(name) }} as experiment,
        {{ plg.assigned_variant(name, 'entity_id') | indent(8) }} as variant_index
    from {{ ref('plg_int_entities') }}
    where entity = {{ plg.text(experiment.get('unit', 'user')) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        entity_id,
        cast(null as {{ plg.type_name('string') }}) as experiment,
        cast(null as {{ plg.type_name('integer') }}) as variant_index
    from {{ ref('plg_int_entities') }}
    where false
    {%- endfor %}

)

select
    entity_id,
    experiment,
    cast(variant_index as {{ plg.type_name('integer') }}) as variant_index,
    case
        {%- for name, experiment in experiments.items() %}
        {%- for variant in experiment['variants'] %}
        when experiment = {{ plg.text(name) }} and variant_index = {{ loop.index0 }} then {{ plg.text(variant) }}
        {%- endfor %}
        {%- else %}
        when false then ''
        {%- endfor %}
    end as variant
from assignments
where variant_index is not null
