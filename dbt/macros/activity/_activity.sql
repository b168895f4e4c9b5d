{#-
    What the models of activity share, as of as_of: CTEs from `daily`, one with the columns entity_id, event, day, event_count,
    first_at, last_at and is_active, up to `activity`, one row per entity with any event. `sessions` is a query of columns
    entity_id and day, one row per session.
-#}
{% macro _activity(sessions) -%}
{%- set today = plg.days_before(0) -%}
lifetimes as (

    select
        entity_id,
        min(case when is_active then first_at end) as first_seen,
        max(case when is_active then last_at end) as last_seen,
        sum(event_count) as lifetime_events
    from daily
    group by entity_id

),

-- A return in the last 7 days, and 28 days before it.
recent_days as (

    select
        entity_id,
        day,
        max(case when is_active then 1 else 0 end) as is_active_day,
        sum(event_count) as event_count
    from daily
    where day >= {{ plg.days_before(35) }}
    group by entity_id, day

),

returns as (

    select
        entity_id,
        day,
        {{ dbt.datediff('lag(day) over (partition by entity_id order by day)', 'day', 'day') }} as days_since_last
    from recent_days
    where is_active_day = 1

),

recent as (

    select
        entity_id,
        {%- for days in [7, 14, 28, 30] %}
        sum(case when day >= {{ plg.days_before(days - 1) }} then 1 else 0 end) as active_days_{{ days }}d,
        {%- endfor %}
        max(case when day >= {{ plg.days_before(7) }} and coalesce(days_since_last, 28) >= 28 then 1 else 0 end) as has_returned
    from returns
    group by entity_id

),

usages as (

    select
        entity_id,
        sum(event_count) as events_30d
    from recent_days
    where day >= {{ plg.days_before(29) }}
    group by entity_id

),

breadths as (

    -- What the catalogue knows, each feature once under however many events; without a catalogue an event is a feature.
    {%- if plg.has_source('feature_catalogue') %}
    select
        daily.entity_id,
        count(distinct features.feature) as feature_breadth_30d
    from daily
    inner join {{ ref('plg_stg_feature_catalogue') }} as features
        on daily.event = features.event
    where daily.is_active and daily.day >= {{ plg.days_before(29) }}
    group by daily.entity_id
    {%- else %}
    select
        entity_id,
        count(distinct event) as feature_breadth_30d
    from daily
    where is_active and day >= {{ plg.days_before(29) }}
    group by entity_id
    {%- endif %}

),

session_counts as (

    select
        entity_id,
        count(*) as lifetime_sessions,
        sum(case when day >= {{ plg.days_before(29) }} then 1 else 0 end) as sessions_30d
    from (
        {{ sessions | indent(8) }}
    ) as begun
    group by entity_id

),

activity as (

    select
        lifetimes.entity_id,
        lifetimes.first_seen,
        lifetimes.last_seen,
        {{ plg.days_between('lifetimes.first_seen', plg.as_of()) }} as tenure_days,
        lifetimes.lifetime_events,
        coalesce(usages.events_30d, 0) as events_30d,
        {%- for days in [7, 14, 30] %}
        coalesce(recent.active_days_{{ days }}d, 0) as active_days_{{ days }}d,
        {%- endfor %}
        coalesce(breadths.feature_breadth_30d, 0) as feature_breadth_30d,
        coalesce(session_counts.sessions_30d, 0) as sessions_30d,
        coalesce(session_counts.lifetime_sessions, 0) as lifetime_sessions,
        -- Whole UTC days; the first that applies.
        case
            when lifetimes.first_seen is null then null
            when {{ dbt.datediff('cast(lifetimes.first_seen as date)', today, 'day') }} <= 7 then 'New'
            when {{ dbt.datediff('cast(lifetimes.last_seen as date)', today, 'day') }} <= 7
                then case when recent.has_returned = 1 then 'Resurrected' else 'Active' end
            when {{ dbt.datediff('cast(lifetimes.last_seen as date)', today, 'day') }} <= 28 then 'Dormant'
            else 'Churned'
        end as lifecycle,
        coalesce(recent.active_days_28d > 0 and recent.active_days_7d = 0, false) as is_dormant_risk
    from lifetimes
    left join recent
        on lifetimes.entity_id = recent.entity_id
    left join usages
        on lifetimes.entity_id = usages.entity_id
    left join breadths
        on lifetimes.entity_id = breadths.entity_id
    left join session_counts
        on lifetimes.entity_id = session_counts.entity_id

)
{%- endmacro %}

{#- The columns of `activity` for who may have had no event at all: then numbers are 0, and nothing else is known. -#}
{% macro _activity_columns() -%}
    activity.first_seen,
    activity.last_seen,
    activity.tenure_days,
    {%- for column in [
        'lifetime_events', 'events_30d', 'active_days_7d', 'active_days_14d', 'active_days_30d', 'feature_breadth_30d',
        'sessions_30d', 'lifetime_sessions'
    ] %}
    coalesce(activity.{{ column }}, 0) as {{ column }},
    {%- endfor %}
    activity.lifecycle,
    coalesce(activity.is_dormant_risk, false) as is_dormant_risk
{%- endmacro %}

{#- Of workspaces and accounts: what plg_daily_activity says of the day of as_of. -#}
{% macro _activity_today() -%}
    {%- for column in ['dau', 'wau', 'mau'] %}
    coalesce(last_day.{{ column }}, 0) as {{ column }},
    {%- endfor %}
    last_day.stickiness,
    coalesce(last_day.net_new_active_users_7d, 0) as net_new_active_users_7d,
    last_day.volume_change_ratio
{%- endmacro %}

{#- Who was seen first, and how many were ever seen: CTEs from `seen`, one row per entity, user and first time. -#}
{% macro _activity_users() -%}
users as (

    select
        entity_id,
        user_id,
        row_number() over (partition by entity_id order by min(first_active_at), user_id) as earliest_first
    from seen
    group by entity_id, user_id

),

user_counts as (

    select
        entity_id,
        count(*) as lifetime_users,
        max(case when earliest_first = 1 then user_id end) as admin_proxy
    from users
    group by entity_id

)
{%- endmacro %}
