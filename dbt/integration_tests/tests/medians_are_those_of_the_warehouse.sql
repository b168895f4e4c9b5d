with expected as (

    select
        results.funnel,
        results.variant,
        steps.step_number,
        median(steps.seconds_from_start) as from_start,
        median(steps.seconds_from_previous) as from_previous
    from {{ ref('plg_funnel_steps') }} as steps
    inner join {{ ref('plg_funnel_results') }} as results
        on steps.entity_id = results.entity_id and steps.funnel = results.funnel
    group by results.funnel, results.variant, steps.step_number

)

select *
from {{ ref('plg_funnel') }} as funnels
left join expected
    on
        funnels.funnel = expected.funnel
        and funnels.variant = expected.variant
        and funnels.step_number = expected.step_number
where
    -- Means of two numbers, as both compute them.
    abs(funnels.median_seconds_from_start - expected.from_start) > 1e-6
    or abs(funnels.median_seconds_from_previous - expected.from_previous) > 1e-6
    or (funnels.median_seconds_from_start is null) <> (expected.from_start is null)
