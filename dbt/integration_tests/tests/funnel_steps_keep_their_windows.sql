-- The windows of the project's variables, and the function's times against the raw events.
select steps.*
from {{ ref('plg_funnel_steps') }} as steps
left join {{ ref('plg_stg_events') }} as events
    on
        steps.user_id = events.user_id
        and steps.event = events.event
        and steps.reached_at = events.occurred_at
where
    events.event is null
    or (steps.funnel = 'activation' and steps.seconds_from_start > 30 * 86400)
    or (steps.step = 'value' and steps.seconds_from_previous > 7 * 86400)
    or (steps.step = 'automated' and steps.seconds_from_previous > 14 * 86400)
    or (steps.step = 'wants_more' and steps.seconds_from_previous > 14.5 * 86400)
    or (steps.funnel = 'tour' and steps.reached_at < '2026-05-01')
