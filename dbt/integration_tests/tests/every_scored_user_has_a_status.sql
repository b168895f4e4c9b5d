select scores.user_id
from {{ ref('plg_user_scores') }} as scores
left join {{ ref('plg_user_status') }} as statuses
    on scores.user_id = statuses.user_id
where statuses.total is distinct from scores.total
