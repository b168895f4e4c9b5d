with users as (

    select user_id from {{ ref('plg_stg_users') }}
    union distinct
    select user_id from {{ ref('plg_daily_events') }}

),

activity as (

    select
        user_id,
        count(distinct day) as active_days_28d
    from {{ ref('plg_daily_events') }}
    where
        day >= {{ plg.days_before(27) }}
        and {{ plg.counts_as_active('event') }}
    group by user_id

),

facts as (

    select
        users.user_id,
        -- No events is no points and no active day, not an unknown number; a plan may well be unknown.
        coalesce(scores.total, 0) as total,
        coalesce(activity.active_days_28d, 0) as active_days_28d,
        plans.plan
    from users
    left join {{ ref('plg_user_scores') }} as scores
        on users.user_id = scores.user_id
    left join activity
        on users.user_id = activity.user_id
    left join {{ ref('plg_int_user_plans') }} as plans
        on users.user_id = plans.user_id

)

select
    user_id,
    {{ plg.as_of() }} as as_of,
    total,
    active_days_28d,
    plan,
    {{ plg.status(['total', 'active_days_28d', 'plan'], plg.status_rules()) | indent(4) }} as status
from facts
