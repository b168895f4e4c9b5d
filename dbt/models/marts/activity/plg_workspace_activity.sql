with daily as (

    select
        workspace_id as entity_id,
        event,
        day,
        event_count,
        first_at,
        last_at,
        user_id is not null and {{ plg.counts_as_active('event') }} as is_active
    from {{ ref('plg_int_workspace_event_days') }}

),

{{ plg._activity('select workspace_id as entity_id, day from ' ~ ref('plg_sessions') ~ ' where workspace_id is not null') }},

seen as (

    select
        workspace_id as entity_id,
        user_id,
        first_active_at
    from {{ ref('plg_int_first_active_days') }}

),

{{ plg._activity_users() }}

select
    accounts.workspace_id,
    {{ plg._account_of('accounts') }} as account_id,
    {{ plg._activity_columns() }},
    {{ plg._activity_today() }},
    coalesce(user_counts.lifetime_users, 0) as lifetime_users,
    user_counts.admin_proxy,
    {{ plg.as_of() }} as as_of
from {{ ref('plg_workspace_accounts') }} as accounts
left join activity
    on accounts.workspace_id = activity.entity_id
left join user_counts
    on accounts.workspace_id = user_counts.entity_id
left join {{ ref('plg_daily_activity') }} as last_day
    on last_day.grain = 'workspace' and accounts.workspace_id = last_day.entity_id and last_day.day = {{ plg.days_before(0) }}
