-- From the events themselves, window by window, without rollups; of workspaces, users and accounts alike.
with mapped as (

    select
        workspace_id,
        coalesce(declared_account_id, account_id) as account_id
    from {{ ref('plg_workspace_accounts') }}

),

raw_events as (

    select
        *,
        date_diff('day', cast(occurred_at as date), cast({{ plg.as_of() }} as date)) as days_ago,
        event not in ('workspace_downgraded', 'uninstall_integration') as is_usage
    from {{ ref('plg_stg_events') }}

),

events as (

    select 'workspace' as grain, workspace_id as entity_id, *
    from raw_events
    where workspace_ignored_reason is null
    union all
    select 'user' as grain, user_id as entity_id, *
    from raw_events
    where ignored_reason is null
    union all
    select 'account' as grain, mapped.account_id as entity_id, raw_events.*
    from raw_events
    inner join mapped
        on raw_events.workspace_id = mapped.workspace_id
    where raw_events.workspace_ignored_reason is null and mapped.account_id is not null

),

weeks as (

    select
        grain,
        entity_id,
        week,
        coalesce(sum(event_count) filter (where event = 'core_feature_used' and days_ago // 7 = 7 - week), 0) as uses
    from events
    cross join range(8) as weeks (week)
    group by grain, entity_id, week

),

slopes as (

    select
        grain,
        entity_id,
        regr_slope(uses, week) as core_trend_8w
    from weeks
    group by grain, entity_id

),

power as (

    select
        grain,
        entity_id,
        count(*) as power_users_28d
    from (
        select
            grain,
            entity_id,
            user_id
        from events
        where
            event in ('core_feature_used', 'automation_run', 'report_viewed')
            and days_ago < 28
            and user_id is not null
        group by grain, entity_id, user_id
        having count(distinct event) = 3
    )
    group by grain, entity_id

),

expected as (

    select
        grain,
        entity_id,
        count(distinct user_id) filter (where is_usage and days_ago < 7) as active_users_7d,
        count(distinct user_id) filter (where is_usage and days_ago < 28) as active_users_28d,
        active_users_28d
        - count(distinct user_id) filter (where is_usage and days_ago between 28 and 55) as active_user_growth_28d,
        count(distinct user_id) filter (where event = 'automation_run' and days_ago < 28) as automation_users_28d,
        max(case when event = 'install_integration' then 1 else 0 end) as has_integration,
        count(distinct cast(occurred_at as date)) filter (where is_usage and days_ago < 28 and user_id is not null)
            as active_days_28d,
        coalesce(sum(event_count) filter (where is_usage and days_ago < 7), 0) as events_7d,
        events_7d / nullif(sum(event_count) filter (where is_usage and days_ago between 7 and 13), 0)
            as volume_change_ratio_7d,
        coalesce(sum(event_count) filter (where event = 'core_feature_used' and days_ago < 28), 0) as core_actions_28d,
        coalesce(sum(event_count) filter (where event = 'invite_sent'), 0) as invites_sent
    from events
    group by grain, entity_id

),

found as (

    select 'workspace' as grain, workspace_id as entity_id, * exclude (workspace_id, as_of)
    from {{ ref('plg_workspace_metrics') }}
    union all by name
    select 'user' as grain, user_id as entity_id, is_power_user_28d as power_users_28d, * exclude (user_id, as_of)
    from {{ ref('plg_user_metrics') }}
    union all by name
    select 'account' as grain, account_id as entity_id, * exclude (account_id, as_of)
    from {{ ref('plg_account_metrics') }}

)

select found.*
from found
left join expected
    on found.grain = expected.grain and found.entity_id = expected.entity_id
left join slopes
    on found.grain = slopes.grain and found.entity_id = slopes.entity_id
left join power
    on found.grain = power.grain and found.entity_id = power.entity_id
where
    {%- for column in [
        'active_users_7d', 'active_users_28d', 'active_user_growth_28d', 'automation_users_28d', 'has_integration'
    ] %}
    (found.grain <> 'user' and found.{{ column }} is distinct from coalesce(expected.{{ column }}, 0))
    or
    {%- endfor %}
    found.active_days_28d is distinct from coalesce(expected.active_days_28d, 0)
    or found.events_7d is distinct from coalesce(expected.events_7d, 0)
    or found.core_actions_28d is distinct from coalesce(expected.core_actions_28d, 0)
    or found.invites_sent is distinct from coalesce(expected.invites_sent, 0)
    or found.power_users_28d is distinct from coalesce(power.power_users_28d, 0)
    or found.volume_change_ratio_7d is distinct from expected.volume_change_ratio_7d
    -- One rounds differently.
    or abs(found.core_trend_8w - coalesce(slopes.core_trend_8w, 0)) > 1e-12
    or found.core_trend_8w is null
    or found.core_actions_28d_segment is distinct from case
        when expected.core_actions_28d >= 100 then 'power'
        when expected.core_actions_28d >= 20 then 'regular'
        when expected.core_actions_28d > 0 then 'light'
        else 'none'
    end

union all by name

-- Everybody seen has a row.
select
    grain,
    entity_id
from expected
where (grain, entity_id) not in (select (grain, entity_id) from found)
