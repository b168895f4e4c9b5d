with steps as (

    {%- for name, funnel in plg.funnels().items() %}
    {%- set last_funnel = loop.last %}
    {%- for step in funnel['steps'] %}
    select
        {{ plg.text(name) }} as funnel,
        {{ loop.index }} as step_number,
        {{ plg.text(step['name']) }} as step
    {%- if not (loop.last and last_funnel) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}

),

-- Cohorts that nobody is in have no rows.
counts as (

    select
        results.funnel,
        results.experiment,
        results.variant,
        steps.step_number,
        steps.step,
        count(*) as members,
        count(case when results.steps_reached >= 1 then 1 end) as entered,
        count(case when results.steps_reached >= steps.step_number then 1 end) as reached,
        -- At the first step everybody is on the way who belongs to the cohort.
        count(case when results.steps_reached >= steps.step_number - 1 then 1 end) as reached_previous,
        count(case when results.steps_reached = steps.step_number and results.still_open then 1 end) as still_open
    from {{ ref('plg_funnel_results') }} as results
    inner join steps
        on results.funnel = steps.funnel
    group by results.funnel, results.experiment, results.variant, steps.step_number, steps.step

),

durations as (

    select
        results.funnel,
        results.variant,
        reached.step_number,
        reached.seconds_from_start,
        reached.seconds_from_previous,
        row_number() over (
            partition by results.funnel, results.variant, reached.step_number
            order by reached.seconds_from_start
        ) as from_start_position,
        row_number() over (
            partition by results.funnel, results.variant, reached.step_number
            order by reached.seconds_from_previous
        ) as from_previous_position,
        count(*) over (partition by results.funnel, results.variant, reached.step_number) as entities
    from {{ ref('plg_funnel_steps') }} as reached
    inner join {{ ref('plg_funnel_results') }} as results
        on reached.entity_id = results.entity_id and reached.funnel = results.funnel

),

-- The middle one of an odd number, the mean of the two middle ones of an even number: the same in every warehouse.
medians as (

    select
        funnel,
        variant,
        step_number,
        avg(case when 2 * from_start_position between entities and entities + 2 then seconds_from_start end)
            as median_seconds_from_start,
        avg(case when 2 * from_previous_position between entities and entities + 2 then seconds_from_previous end)
            as median_seconds_from_previous
    from durations
    group by funnel, variant, step_number

)

select
    counts.funnel,
    counts.experiment,
    counts.variant,
    counts.step_number,
    counts.step,
    counts.members,
    counts.entered,
    counts.reached,
    counts.still_open,
    cast(counts.reached as {{ plg.type_name('float') }}) / nullif(counts.entered, 0) as rate_from_start,
    {{ plg.wilson_bound('counts.reached', 'counts.entered', 'low') }} as rate_from_start_low,
    {{ plg.wilson_bound('counts.reached', 'counts.entered', 'high') }} as rate_from_start_high,
    cast(counts.reached as {{ plg.type_name('float') }}) / nullif(counts.reached_previous, 0) as rate_from_previous,
    {{ plg.wilson_bound('counts.reached', 'counts.reached_previous', 'low') }} as rate_from_previous_low,
    {{ plg.wilson_bound('counts.reached', 'counts.reached_previous', 'high') }} as rate_from_previous_high,
    medians.median_seconds_from_start,
    medians.median_seconds_from_previous
from counts
left join medians
    on
        counts.funnel = medians.funnel
        and counts.variant = medians.variant
        and counts.step_number = medians.step_number
