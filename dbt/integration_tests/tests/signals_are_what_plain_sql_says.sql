-- From the events themselves, window by window, without rollups.
with events as (

    select
        *,
        date_diff('day', cast(occurred_at as date), cast({{ plg.as_of() }} as date)) as days_ago,
        user_id is not null and event not in ('workspace_downgraded', 'uninstall_integration') as is_active
    from {{ ref('plg_stg_events') }}
    where workspace_ignored_reason is null

),

expected as (

    select
        workspace_id,
        count(distinct user_id) filter (where is_active and days_ago < 7) as wau,
        count(distinct user_id) filter (where is_active and days_ago < 28) as mau,
        count(distinct user_id) filter (where is_active and days_ago between 30 and 36) as wau_before,
        count(distinct user_id) filter (where is_active) as lifetime_active_users,
        count(distinct cast(occurred_at as date)) filter (where is_active and days_ago < 14) as active_days_14d,
        count(*) filter (where event = 'core_feature_used' and days_ago < 7) as core_actions_7d,
        count(*) filter (where event = 'invite_sent' and days_ago < 14) as invites_sent_14d,
        count(*) filter (where event = 'upgrade_click' and days_ago < 7) as upgrade_clicks_7d,
        count(*) filter (where event = 'pricing_page_view' and days_ago < 7) as pricing_page_views_7d,
        count(*) filter (where event = 'usage_limit_hit' and days_ago < 30) as usage_limit_hits_30d,
        count(distinct event) filter (
            where event in ('core_feature_used', 'automation_run', 'report_viewed') and days_ago < 30
        ) as features,
        max(occurred_at) filter (where is_active) as last_active_at,
        min(occurred_at) filter (where event = 'key_action_completed') as first_key_action_at,
        min(occurred_at) filter (where event = 'invite_sent') as first_invite_sent_at
    from events
    group by workspace_id

),

-- An event of a user with none in the 30 minutes before.
sessions as (

    select
        later.workspace_id,
        count(*) as sessions_14d
    from (select distinct workspace_id, user_id, occurred_at, days_ago from events where is_active) as later
    where
        later.days_ago < 14
        and not exists (
            from events as earlier
            where
                earlier.is_active
                and earlier.workspace_id = later.workspace_id
                and earlier.user_id = later.user_id
                and earlier.occurred_at < later.occurred_at
                and earlier.occurred_at >= later.occurred_at - interval 30 minutes
        )
    group by later.workspace_id

),

trials as (

    select
        workspace_id,
        epoch(max(trial_ends_at) - {{ plg.as_of() }}) / 86400 as trial_days_remaining
    from {{ ref('plg_stg_subscriptions') }}
    where status = 'trialing' and trial_ends_at >= {{ plg.as_of() }}
    group by workspace_id

),

-- The third of three days within a week.
habits as (

    select
        days.workspace_id,
        min(days.first_at) as habit_reached_at
    from (
        select workspace_id, cast(occurred_at as date) as day, min(occurred_at) as first_at
        from events
        where event = 'core_feature_used' and user_id is not null
        group by all
    ) as days
    where
        (
            select count(distinct cast(events.occurred_at as date))
            from events
            where
                events.workspace_id = days.workspace_id
                and events.event = 'core_feature_used'
                and events.user_id is not null
                and cast(events.occurred_at as date) between days.day - 6 and days.day
        ) >= 3
    group by days.workspace_id

)

select signals.workspace_id
from {{ ref('plg_workspace_signals') }} as signals
left join expected
    on signals.workspace_id = expected.workspace_id
left join sessions
    on signals.workspace_id = sessions.workspace_id
left join trials
    on signals.workspace_id = trials.workspace_id
left join habits
    on signals.workspace_id = habits.workspace_id
where
    signals.wau <> coalesce(expected.wau, 0)
    or signals.mau <> coalesce(expected.mau, 0)
    or signals.seat_growth_30d <> coalesce(expected.wau - expected.wau_before, 0)
    or signals.lifetime_active_users <> coalesce(expected.lifetime_active_users, 0)
    or signals.active_days_14d <> coalesce(expected.active_days_14d, 0)
    or signals.core_actions_7d <> coalesce(expected.core_actions_7d, 0)
    or signals.invites_sent_14d <> coalesce(expected.invites_sent_14d, 0)
    or signals.upgrade_clicks_7d <> coalesce(expected.upgrade_clicks_7d, 0)
    or signals.pricing_page_views_7d <> coalesce(expected.pricing_page_views_7d, 0)
    or signals.usage_limit_hits_30d <> coalesce(expected.usage_limit_hits_30d, 0)
    or abs(signals.key_feature_adoption_ratio - coalesce(expected.features, 0) / 3) > 1e-15
    or signals.sessions_14d <> coalesce(sessions.sessions_14d, 0)
    or signals.last_active_at is distinct from expected.last_active_at
    or signals.first_key_action_at is distinct from expected.first_key_action_at
    or signals.first_invite_sent_at is distinct from expected.first_invite_sent_at
    or signals.habit_reached_at is distinct from habits.habit_reached_at
    or abs(signals.trial_days_remaining - trials.trial_days_remaining) > 1e-9
    or (signals.trial_days_remaining is null) <> (trials.trial_days_remaining is null)
