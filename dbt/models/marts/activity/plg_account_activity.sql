with workspaces as (

    select
        accounts.workspace_id,
        {{ plg._account_of('accounts') }} as account_id
    from {{ ref('plg_workspace_accounts') }} as accounts

),

daily as (

    select
        workspaces.account_id as entity_id,
        daily.event,
        daily.day,
        daily.event_count,
        daily.first_at,
        daily.last_at,
        daily.user_id is not null and {{ plg.counts_as_active('daily.event') }} as is_active
    from {{ ref('plg_int_workspace_event_days') }} as daily
    inner join workspaces
        on daily.workspace_id = workspaces.workspace_id
    where workspaces.account_id is not null

),

{% set sessions -%}
select
    workspaces.account_id as entity_id,
    sessions.day
from {{ ref('plg_sessions') }} as sessions
inner join workspaces
    on sessions.workspace_id = workspaces.workspace_id
where workspaces.account_id is not null
{%- endset -%}
{{ plg._activity(sessions) }},

seen as (

    select
        workspaces.account_id as entity_id,
        firsts.user_id,
        firsts.first_active_at
    from {{ ref('plg_int_first_active_days') }} as firsts
    inner join workspaces
        on firsts.workspace_id = workspaces.workspace_id
    where workspaces.account_id is not null

),

{{ plg._activity_users() }},

accounts as (

    select account_id from {{ ref('plg_stg_accounts') }} where account_id is not null
    union distinct
    select account_id from workspaces where account_id is not null

)

select
    accounts.account_id,
    {{ plg._activity_columns() }},
    {{ plg._activity_today() }},
    coalesce(user_counts.lifetime_users, 0) as lifetime_users,
    user_counts.admin_proxy,
    {{ plg.as_of() }} as as_of
from accounts
left join activity
    on accounts.account_id = activity.entity_id
left join user_counts
    on accounts.account_id = user_counts.entity_id
left join {{ ref('plg_daily_activity') }} as last_day
    on last_day.grain = 'account' and accounts.account_id = last_day.entity_id and last_day.day = {{ plg.days_before(0) }}
