-- Counted from the results without regard to how the model counts: never more users at a later step, and every user of a
-- cohort in it.
with results as (

    select
        funnel,
        variant,
        count(*) as members,
        count(*) filter (where converted) as converted,
        count(*) filter (where steps_reached = 0) as outside
    from {{ ref('plg_funnel_results') }}
    group by funnel, variant

),

steps as (

    select
        *,
        lead(reached) over (partition by funnel, variant order by step_number) as reached_next,
        max(step_number) over (partition by funnel) as last_step
    from {{ ref('plg_funnel') }}

)

select steps.*
from steps
full outer join results
    on steps.funnel = results.funnel and steps.variant = results.variant
where
    steps.members is distinct from results.members
    or steps.entered is distinct from results.members - results.outside
    or (steps.step_number = 1 and steps.reached <> steps.entered)
    or (steps.step_number = steps.last_step and steps.reached <> results.converted)
    or (steps.step_number = steps.last_step and steps.still_open <> 0)
    or steps.reached_next > steps.reached
