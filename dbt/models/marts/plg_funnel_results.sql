-- A cohort is a variant of the funnel's experiment, or everybody where the funnel has none.
with cohorts as (

    {%- for name, funnel in plg.funnels().items() %}
    {%- if funnel.get('experiment') %}
    select
        entity_id,
        {{ plg.text(name) }} as funnel,
        experiment,
        variant
    from {{ ref('plg_cohorts') }}
    where experiment = {{ plg.text(funnel['experiment']) }}
    {%- else %}
    select
        entity_id,
        {{ plg.text(name) }} as funnel,
        cast(null as {{ plg.type_name('string') }}) as experiment,
        'all' as variant
    from {{ ref('plg_int_entities') }}
    where entity = {{ plg.text(funnel.get('entity', 'user')) }}
    {%- endif %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    cohorts.entity_id,
    cohorts.funnel,
    cohorts.experiment,
    cohorts.variant,
    -- No event of the funnel is no step, not an unknown number.
    coalesce({{ plg.field('results.result', 'steps_reached', 'integer') }}, 0) as steps_reached,
    coalesce({{ plg.field('results.result', 'converted', 'boolean') }}, false) as converted,
    {{ plg.field('results.result', 'seconds_to_convert', 'float') }} as seconds_to_convert,
    coalesce({{ plg.field('results.result', 'still_open', 'boolean') }}, false) as still_open
from cohorts
left join {{ ref('plg_int_funnel_results') }} as results
    on cohorts.entity_id = results.entity_id and cohorts.funnel = results.funnel
