select
    scores.workspace_id,
    scores.as_of,
    scores.account_id,
    scores.total as score,
    scores.stage,
    {{ plg.field('routes.result', 'code', 'string') }} as route,
    {{ plg.field('routes.result', 'reason', 'string') }} as reason,
    {{ plg.list_text('routes.result', 'destinations') }} as destinations,
    {{ plg.field('routes.result', 'owner_team', 'string') }} as owner_team,
    {{ plg.field('routes.result', 'owner', 'string') }} as owner,
    {{ plg.list_text('routes.result', 'notes') }} as notes,
    {{ plg.list_text('routes.result', 'payload') }} as payload,
    scores.reason_1,
    scores.reason_2,
    scores.reason_3,
    scores.next_best_action,
    scores.next_best_action_channel,
    scores.selected_user as user_id,
    signals.seats,
    signals.seat_growth_30d,
    {{ plg.list_text('handoffs.result', 'admins') }} as admins,
    {{ plg.list_text('handoffs.result', 'champions') }} as champions,
    {{ plg.field('handoffs.result', 'opener', 'string') }} as opener
from {{ ref('plg_workspace_scores') }} as scores
inner join {{ ref('plg_int_routing_results') }} as routes
    on scores.workspace_id = routes.workspace_id
inner join {{ ref('plg_int_handoffs') }} as handoffs
    on scores.workspace_id = handoffs.workspace_id
inner join {{ ref('plg_workspace_signals') }} as signals
    on scores.workspace_id = signals.workspace_id
