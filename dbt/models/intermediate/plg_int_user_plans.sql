-- A user of several workspaces counts by the one that pays most; plan breaks ties, so that the result is one.
with plans as (

    select
        memberships.user_id,
        subscriptions.plan,
        row_number() over (
            partition by memberships.user_id
            order by subscriptions.mrr desc, subscriptions.plan, subscriptions.subscription_id
        ) as position_by_revenue
    from {{ ref('plg_stg_memberships') }} as memberships
    inner join {{ ref('plg_stg_subscriptions') }} as subscriptions
        on memberships.workspace_id = subscriptions.workspace_id
    where subscriptions.status <> 'canceled'

)

select
    user_id,
    plan
from plans
where position_by_revenue = 1
