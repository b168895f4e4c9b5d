select
    subscription_id,
    nullif(trim(workspace_id), '') as workspace_id,
    lower(plan) as plan,
    lower(status) as status,
    coalesce(mrr, 0) as mrr,
    seats_purchased,
    started_at,
    trial_started_at,
    trial_ends_at,
    canceled_at,
    arr,
    lower(nullif(trim(period), '')) as period,
    renewal_at,
    nullif(trim(billing_entity), '') as billing_entity,
    coalesce(lower(nullif(trim(deployment), '')), 'saas') as deployment
from {{ plg.source_rows('subscriptions') }}
