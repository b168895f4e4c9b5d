-- The windows of the project's variables, and the function's times against the raw events.
select steps.*
from {{ ref('plg_funnel_steps') }} as steps
left join {{ ref('plg_stg_events') }} as events
    on
        steps.entity_id = case when steps.funnel = 'trial' then events.workspace_id else events.user_id end
        and steps.event = events.event
        and steps.reached_at = events.occurred_at
left join {{ ref('plg_int_first_active_days') }} as entries
    on
        steps.funnel = 'trial'
        and steps.event = 'audience_entered'
        and steps.entity_id = entries.workspace_id
        and steps.reached_at = entries.first_active_at
where
    (events.event is null and entries.workspace_id is null)
    or (steps.funnel = 'activation' and steps.seconds_from_start > 30 * 86400)
    or (steps.step = 'value' and steps.seconds_from_previous > 7 * 86400)
    or (steps.step = 'automated' and steps.seconds_from_previous > 14 * 86400)
    or (steps.step = 'wants_more' and steps.seconds_from_previous > 14.5 * 86400)
    or (steps.funnel = 'tour' and steps.reached_at < '2026-05-01')
