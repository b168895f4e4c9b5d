select
    cast(subscription_id as {{ plg.type_name('string') }}) as subscription_id,
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    lower(cast(plan as {{ plg.type_name('string') }})) as plan,
    lower(cast(status as {{ plg.type_name('string') }})) as status,
    coalesce(cast(mrr as {{ plg.type_name('float') }}), 0) as mrr,
    {{ plg.optional_column('subscriptions', 'seats_purchased', 'float') }} as seats_purchased,
    {{ plg.optional_column('subscriptions', 'started_at', 'timestamp') }} as started_at,
    {{ plg.optional_column('subscriptions', 'trial_ends_at', 'timestamp') }} as trial_ends_at,
    {{ plg.optional_column('subscriptions', 'canceled_at', 'timestamp') }} as canceled_at
from {{ source('plg_raw', 'subscriptions') }}
