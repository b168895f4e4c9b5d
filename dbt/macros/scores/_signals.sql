{#- Events of a signal, as a condition. -#}
{% macro _is_event(signal, event='daily.event') -%}
    {{ return(event ~ ' in (' ~ plg.text_list(plg.signal_events(signal)) ~ ')') }}
{%- endmacro %}

{#- The condition that a row lies in the N UTC days that end on the day of as_of, or ended some days earlier. -#}
{% macro _in_window(days, ended=0, day='daily.day', as_of='daily.as_of') -%}
    {%- set first = dbt.dateadd('day', 1 - days - ended, 'cast(' ~ as_of ~ ' as date)') -%}
    {%- set last = dbt.dateadd('day', -ended, 'cast(' ~ as_of ~ ' as date)') -%}
    {{ return(day ~ ' >= cast(' ~ first ~ ' as date) and ' ~ day ~ ' <= cast(' ~ last ~ ' as date)') }}
{%- endmacro %}

{#- The sum of the counts of a signal's events in a window: no event is 0. -#}
{% macro _signal_count(signal, days) -%}
    coalesce(sum(case when {{ plg._is_event(signal) }} and {{ plg._in_window(days) }} then daily.event_count end), 0)
{%- endmacro %}

{#- Distinct users who were active in a window. -#}
{% macro _active_users(days, ended=0) -%}
    count(distinct case when daily.is_active and {{ plg._in_window(days, ended) }} then daily.user_id end)
{%- endmacro %}

{#-
    The facts and signals of all workspaces at moments: `moments` is a query with a column as_of. Rollups of a day count
    whole or not at all, by their last event.
-#}
{% macro _workspace_signals(moments) -%}
{%- set key_features = plg.signal_events('key_features') -%}
{%- set admin_roles = fromjson(plg.score_model()).get('admin_roles', ['workspace_admin']) -%}
{%- set buyers = var('plg_buyer_personas', none) or ['economic buyer'] -%}
with moments as (

    {{ moments }}

),

-- Workspaces that were there by then.
entities as (

    select
        workspaces.workspace_id,
        workspaces.account_id,
        workspaces.type,
        workspaces.created_at,
        moments.as_of
    from {{ ref('plg_int_workspaces') }} as workspaces
    cross join moments
    where workspaces.created_at is null or workspaces.created_at <= moments.as_of

),

daily as (

    select
        rollups.*,
        moments.as_of,
        rollups.user_id is not null
        and rollups.event <> 'new_active_user_day'
        and {{ plg.counts_as_active('rollups.event') }} as is_active
    from {{ ref('plg_workspace_daily_events') }} as rollups
    inner join moments
        on rollups.last_at <= moments.as_of

),

usages as (

    select
        daily.workspace_id,
        daily.as_of,
        {{ plg._active_users(7) }} as wau,
        {{ plg._active_users(28) }} as mau,
        {{ plg._active_users(7, ended=30) }} as seats_30d_ago,
        count(distinct case when daily.is_active then daily.user_id end) as lifetime_active_users,
        count(distinct case when daily.is_active and {{ plg._in_window(14) }} then daily.day end) as active_days_14d,
        count(distinct case when {{ plg._is_event('core') }} and {{ plg._in_window(14) }} then daily.day end)
            as core_feature_days_used_14d,
        count(distinct case when {{ plg._is_event('key_features') }} and {{ plg._in_window(14) }} then daily.event end)
            as core_feature_adoption_count_14d,
        count(distinct case when {{ plg._is_event('key_features') }} and {{ plg._in_window(30) }} then daily.event end)
            as core_feature_adoption_count_30d,
        {{ plg._signal_count('core', 7) }} as core_actions_7d,
        {{ plg._signal_count('automation', 7) }} as automation_runs_7d,
        {{ plg._signal_count('invite_sent', 7) }} as invites_sent_7d,
        {{ plg._signal_count('invite_sent', 14) }} as invites_sent_14d,
        {{ plg._signal_count('invite_accepted', 7) }} as invites_accepted_7d,
        coalesce(sum(case when {{ plg._is_event('integration_installed') }} then daily.event_count end), 0)
        - coalesce(sum(case when {{ plg._is_event('integration_removed') }} then daily.event_count end), 0)
            as integrations,
        {{ plg._signal_count('integration_installed', 30) }} as integration_installs_30d,
        {{ plg._signal_count('upgrade_click', 7) }} as upgrade_clicks_7d,
        {{ plg._signal_count('pricing_page_view', 7) }} as pricing_page_views_7d,
        {{ plg._signal_count('usage_limit', 30) }} as usage_limit_hits_30d,
        {{ plg._signal_count('api_rate_limit', 7) }} as api_rate_limit_hits_7d,
        max(case when daily.is_active then daily.last_at end) as last_active_at
    from daily
    group by daily.workspace_id, daily.as_of

),

sessions as (

    select
        sessions.workspace_id,
        moments.as_of,
        sum(case when {{ plg._in_window(7, day='sessions.day', as_of='moments.as_of') }} then sessions.sessions end)
            as sessions_7d,
        sum(case when {{ plg._in_window(14, day='sessions.day', as_of='moments.as_of') }} then sessions.sessions end)
            as sessions_14d
    from {{ ref('plg_int_workspace_sessions') }} as sessions
    inner join moments
        on sessions.last_at <= moments.as_of
    group by sessions.workspace_id, moments.as_of

),

-- Of those who had joined by then; when somebody joined is not always known.
people as (

    select
        users.workspace_id,
        moments.as_of,
        {{ "max(case when users.is_admin then 1 else 0 end)" if admin_roles else '0' }} as admins,
        max(case when users.persona in ({{ plg.text_list(buyers) }}) then 1 when users.persona is not null then 0 end)
            as buyers
    from {{ ref('plg_int_workspace_users') }} as users
    inner join moments
        on users.joined_at is null or users.joined_at <= moments.as_of
    group by users.workspace_id, moments.as_of

),

-- Of the subscriptions in force at the moment; a trial that is over was one until then, whatever came after.
subscriptions as (

    select
        subscriptions.workspace_id,
        moments.as_of,
        sum(subscriptions.seats_purchased) as seats,
        max(
            case
                when
                    subscriptions.trial_ends_at >= moments.as_of
                    and (subscriptions.status = 'trialing' or subscriptions.trial_ends_at < {{ plg.as_of() }})
                    then subscriptions.trial_ends_at
            end
        ) as trial_ends_at,
        max(
            case
                when subscriptions.mrr > 0 and subscriptions.status in ('active', 'past_due') then 1
                else 0
            end
        ) as paid
    from {{ ref('plg_stg_subscriptions') }} as subscriptions
    inner join moments
        on
            (subscriptions.started_at is null or subscriptions.started_at <= moments.as_of)
            and (
                (subscriptions.canceled_at is null and subscriptions.status <> 'canceled')
                or subscriptions.canceled_at > moments.as_of
            )
    group by subscriptions.workspace_id, moments.as_of

)

select
    entities.workspace_id,
    entities.as_of,
    entities.account_id,
    entities.type,
    entities.created_at,
    cast(firsts.first_key_action_at as date) as activation_date,
    case
        when firsts.first_key_action_at is not null
            then {{ plg.days_between('entities.created_at', 'firsts.first_key_action_at') }} * 24
    end as time_to_activation_hours,
    case when firsts.first_key_action_at is not null then paths.activation_path end as activation_path,
    firsts.first_key_action_at,
    firsts.first_invite_sent_at,
    firsts.first_integration_installed_at,
    firsts.habit_reached_at,
    coalesce(usages.wau, 0) as wau,
    coalesce(usages.mau, 0) as mau,
    case when usages.mau > 0 then cast(usages.wau as {{ plg.type_name('float') }}) / usages.mau end as wau_mau_ratio,
    coalesce(usages.lifetime_active_users, 0) as lifetime_active_users,
    coalesce(usages.active_days_14d, 0) as active_days_14d,
    coalesce(usages.core_feature_days_used_14d, 0) as core_feature_days_used_14d,
    coalesce(usages.core_feature_adoption_count_14d, 0) as core_feature_adoption_count_14d,
    coalesce(usages.core_feature_adoption_count_30d, 0) as core_feature_adoption_count_30d,
    {%- if key_features %}
    cast(coalesce(usages.core_feature_adoption_count_30d, 0) as {{ plg.type_name('float') }}) / {{ key_features | length }}
        as key_feature_adoption_ratio,
    {%- else %}
    cast(null as {{ plg.type_name('float') }}) as key_feature_adoption_ratio,
    {%- endif %}
    coalesce(usages.core_actions_7d, 0) as core_actions_7d,
    coalesce(usages.automation_runs_7d, 0) as automation_runs_7d,
    coalesce(usages.invites_sent_7d, 0) as invites_sent_7d,
    coalesce(usages.invites_sent_14d, 0) as invites_sent_14d,
    coalesce(usages.invites_accepted_7d, 0) as invites_accepted_7d,
    coalesce(usages.wau, 0) as active_seats_7d,
    coalesce(usages.wau, 0) - coalesce(usages.seats_30d_ago, 0) as seat_growth_30d,
    subscriptions.seats,
    case when usages.integrations > 0 then usages.integrations else 0 end as integration_installed_count,
    coalesce(usages.integration_installs_30d, 0) as integration_installs_30d,
    firsts.crm_connected_at is not null as crm_connected,
    firsts.data_warehouse_export_at is not null as data_warehouse_export_enabled,
    {{ plg.days_between('entities.as_of', 'subscriptions.trial_ends_at') }} as trial_days_remaining,
    case when subscriptions.workspace_id is not null then subscriptions.paid = 1 end as is_paid,
    coalesce(usages.upgrade_clicks_7d, 0) as upgrade_clicks_7d,
    coalesce(usages.pricing_page_views_7d, 0) as pricing_page_views_7d,
    coalesce(usages.usage_limit_hits_30d, 0) as usage_limit_hits_30d,
    coalesce(usages.api_rate_limit_hits_7d, 0) as api_rate_limit_hits_7d,
    coalesce(sessions.sessions_7d, 0) as sessions_7d,
    coalesce(sessions.sessions_14d, 0) as sessions_14d,
    usages.last_active_at,
    coalesce(people.admins, 0) = 1 as has_admin,
    people.buyers = 1 as has_buyer,
    accounts.employee_count,
    accounts.industry,
    accounts.hq_region,
    accounts.uses_data_warehouse,
    accounts.has_business_domain,
    accounts.segment,
    accounts.account_ae
from entities
left join (

    select
        firsts.workspace_id,
        moments.as_of,
        {%- for column in [
            'first_key_action_at', 'first_invite_sent_at', 'first_integration_installed_at', 'habit_reached_at',
            'crm_connected_at', 'data_warehouse_export_at'
        ] %}
        case when firsts.{{ column }} <= moments.as_of then firsts.{{ column }} end as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_int_workspace_firsts') }} as firsts
    cross join moments

) as firsts
    on entities.workspace_id = firsts.workspace_id and entities.as_of = firsts.as_of
left join {{ ref('plg_int_workspace_firsts') }} as paths
    on entities.workspace_id = paths.workspace_id
left join usages
    on entities.workspace_id = usages.workspace_id and entities.as_of = usages.as_of
left join sessions
    on entities.workspace_id = sessions.workspace_id and entities.as_of = sessions.as_of
left join people
    on entities.workspace_id = people.workspace_id and entities.as_of = people.as_of
left join subscriptions
    on entities.workspace_id = subscriptions.workspace_id and entities.as_of = subscriptions.as_of
left join {{ ref('plg_stg_accounts') }} as accounts
    on entities.account_id = accounts.account_id
{%- endmacro %}
