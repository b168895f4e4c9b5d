select
    cast(subscription_id as {{ plg.type_name('string') }}) as subscription_id,
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    lower(cast(plan as {{ plg.type_name('string') }})) as plan,
    lower(cast(status as {{ plg.type_name('string') }})) as status,
    coalesce(cast(mrr as {{ plg.type_name('float') }}), 0) as mrr
from {{ source('plg_raw', 'subscriptions') }}
