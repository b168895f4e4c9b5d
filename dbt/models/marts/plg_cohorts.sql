{%- set experiments = plg.experiments() -%}

with users as (

    select user_id from {{ ref('plg_stg_users') }}
    union distinct
    select user_id from {{ ref('plg_daily_events') }}

),

assignments as (

    {%- for name, experiment in experiments.items() %}
    select
        user_id,
        {{ plg.text(name) }} as experiment,
        {{ plg.assigned_variant(name, 'user_id') | indent(8) }} as variant_index
    from users
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select
        user_id,
        cast(null as {{ plg.type_name('string') }}) as experiment,
        cast(null as {{ plg.type_name('integer') }}) as variant_index
    from users
    where false
    {%- endfor %}

)

select
    user_id,
    experiment,
    variant_index,
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
