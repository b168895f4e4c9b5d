{%- set habit = plg.habit() -%}
-- When things first happened in a workspace; whoever asks for an earlier moment passes over what came after it.

with events as (

    select
        workspace_id,
        event,
        min(first_at) as first_at
    from {{ ref('plg_workspace_daily_events') }}
    where event <> 'new_active_user_day'
    group by workspace_id, event

),

firsts as (

    select
        workspace_id,
        min(case when event in ({{ plg.text_list(plg.signal_events('activation')) }}) then first_at end)
            as first_key_action_at,
        min(case when event in ({{ plg.text_list(plg.signal_events('invite_sent')) }}) then first_at end)
            as first_invite_sent_at,
        min(case when event in ({{ plg.text_list(plg.signal_events('integration_installed')) }}) then first_at end)
            as first_integration_installed_at,
        min(case when event in ({{ plg.text_list(plg.signal_events('crm_connected')) }}) then first_at end)
            as crm_connected_at,
        min(case when event in ({{ plg.text_list(plg.signal_events('data_warehouse_export')) }}) then first_at end)
            as data_warehouse_export_at
    from events
    group by workspace_id

),

paths as (

    select
        events.workspace_id,
        {{ dbt.listagg('events.event', "' > '", 'order by events.first_at, events.event') }} as activation_path
    from events
    inner join firsts
        on events.workspace_id = firsts.workspace_id and events.first_at <= firsts.first_key_action_at
    group by events.workspace_id

),

core_days as (

    select
        workspace_id,
        day,
        min(first_at) as first_at
    from {{ ref('plg_workspace_daily_events') }}
    where event in ({{ plg.text_list(plg.signal_events('core')) }}) and user_id is not null
    group by workspace_id, day

),

habits as (

    select
        workspace_id,
        first_at,
        day,
        lag(day, {{ habit['days'] - 1 }}) over (partition by workspace_id order by day) as begun_on
    from core_days

)

select
    firsts.workspace_id,
    firsts.first_key_action_at,
    firsts.first_invite_sent_at,
    firsts.first_integration_installed_at,
    firsts.crm_connected_at,
    firsts.data_warehouse_export_at,
    paths.activation_path,
    min(habits.first_at) as habit_reached_at
from firsts
left join paths
    on firsts.workspace_id = paths.workspace_id
left join habits
    on
        firsts.workspace_id = habits.workspace_id
        and {{ dbt.datediff('habits.begun_on', 'habits.day', 'day') }} < {{ habit['within_days'] }}
group by
    firsts.workspace_id,
    firsts.first_key_action_at,
    firsts.first_invite_sent_at,
    firsts.first_integration_installed_at,
    firsts.crm_connected_at,
    firsts.data_warehouse_export_at,
    paths.activation_path
