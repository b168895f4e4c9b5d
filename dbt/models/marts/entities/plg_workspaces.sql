{{
    config(
        materialized='incremental', unique_key='workspace_id',
        post_hook="{{ plg._forget_vanished(ref('plg_workspace_signals'), 'workspace_id') }}"
    )
}}
{%- set as_of = plg.as_of() -%}
{%- set signals = [
    'activation_date', 'time_to_activation_hours', 'activation_path', 'wau', 'mau', 'wau_mau_ratio',
    'core_feature_days_used_14d', 'core_feature_adoption_count_14d', 'core_feature_adoption_count_30d',
    'key_feature_adoption_ratio', 'core_actions_7d', 'automation_runs_7d', 'invites_sent_7d', 'invites_sent_14d',
    'invites_accepted_7d', 'active_seats_7d', 'seat_growth_30d', 'integration_installed_count',
    'integration_installs_30d', 'crm_connected', 'data_warehouse_export_enabled', 'trial_days_remaining',
    'upgrade_clicks_7d', 'pricing_page_views_7d', 'usage_limit_hits_30d', 'api_rate_limit_hits_7d', 'sessions_7d',
    'sessions_14d', 'last_active_at',
] -%}
with people_counts as (

    select
        workspace_id,
        count(*) as people,
        sum(case when is_workspace_admin then 1 else 0 end) as admins
    from {{ ref('plg_workspace_people') }}
    group by workspace_id

),

-- The domain of single sign-on before that of billing.
domains as (

    select
        workspace_id,
        email_domain,
        row_number() over (partition by workspace_id order by signal desc, email_domain) as best_first
    from {{ ref('plg_int_workspace_signal_domains') }}
    where email_domain is not null and (signal = 'sso_domain' or email_kind is null or email_kind = 'work')

),

subscriptions as (

    select
        subscriptions.*,
        is_in_force and status = 'trialing' and trial_ends_at < {{ as_of }} as is_trial_over,
        row_number() over (
            partition by workspace_id
            order by case when is_in_force then 0 else 1 end, mrr desc, plan, subscription_id
        ) as highest_first
    from {{ ref('plg_subscriptions') }} as subscriptions
    where workspace_id is not null

),

payments as (

    select
        workspace_id,
        max(case when highest_first = 1 and is_in_force then plan end) as plan_tier,
        sum(case when is_in_force then seats_purchased end) as seats_total,
        sum(case when is_paid then mrr else 0 end) as mrr,
        sum(case when is_paid then arr else 0 end) as arr,
        max(trial_ends_at) as trial_ends_at,
        max(case when is_paid and status = 'active' then 1 else 0 end) as has_paid,
        max(case when is_paid and status = 'past_due' then 1 else 0 end) as has_past_due,
        max(case when is_in_force and status = 'trialing' and not coalesce(is_trial_over, false) then 1 else 0 end) as has_trial,
        max(case when is_in_force and not coalesce(is_trial_over, false) then 1 else 0 end) as has_any,
        max(case when trial_ends_at < {{ as_of }} then 1 else 0 end) as had_trial
    from subscriptions
    group by workspace_id

),

computed as (

    select
        signals.workspace_id,
        workspaces.name,
        {{ plg._account_of('accounts') }} as account_id,
        accounts.declared_account_id,
        case
            when accounts.account_id is not null then accounts.signal
            when accounts.declared_account_id is not null then 'declared'
        end as account_from,
        coalesce(
            workspaces.status,
            case when payments.had_trial = 1 and payments.has_any = 0 then 'trial ended' else 'active' end
        ) as status,
        signals.type,
        signals.created_at,
        workspaces.region,
        coalesce(lower(workspaces.primary_domain), domains.email_domain) as primary_domain,
        workspaces.billing_contact_email,
        -- The last of the milestones in the order of the next best action; those about people come and go.
        case
            when signals.habit_reached_at is not null then 'habit reached'
            when signals.first_integration_installed_at is not null then 'integration installed'
            when signals.first_invite_sent_at is not null then 'teammate invited'
            when signals.first_key_action_at is not null then 'key action completed'
        end as activation_milestone,
        payments.plan_tier,
        case
            when payments.has_paid = 1 then 'paid'
            when payments.has_past_due = 1 then 'past due'
            when payments.has_trial = 1 then 'trialing'
            when payments.has_any = 1 then 'free'
            when payments.workspace_id is not null then 'lapsed'
        end as paid_status,
        payments.trial_ends_at,
        payments.seats_total,
        -- No subscription is no revenue.
        coalesce(payments.mrr, 0) as mrr,
        coalesce(payments.arr, 0) as arr,
        coalesce(workspaces.owner_team, routing.owner_team) as owner_team,
        coalesce(workspaces.owner_user, routing.owner) as owner_user,
        coalesce(people_counts.people, 0) as people,
        coalesce(people_counts.admins, 0) as admins,
        -- A point is what makes a row another one; the score itself is in plg_workspace_scores.
        cast(round(scores.total) as {{ plg.type_name('integer') }}) as score,
        scores.stage,
        scores.pql_last_changed_at,
        scores.fit_tier,
        routing.route,
        activity.lifecycle,
        {%- for signal in signals %}
        signals.{{ signal }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_workspace_signals') }} as signals
    left join {{ ref('plg_stg_workspaces') }} as workspaces
        on signals.workspace_id = workspaces.workspace_id
    left join {{ ref('plg_workspace_accounts') }} as accounts
        on signals.workspace_id = accounts.workspace_id
    left join {{ ref('plg_workspace_scores') }} as scores
        on signals.workspace_id = scores.workspace_id
    left join {{ ref('plg_routing') }} as routing
        on signals.workspace_id = routing.workspace_id
    left join {{ ref('plg_workspace_activity') }} as activity
        on signals.workspace_id = activity.workspace_id
    left join payments
        on signals.workspace_id = payments.workspace_id
    left join people_counts
        on signals.workspace_id = people_counts.workspace_id
    left join domains
        on signals.workspace_id = domains.workspace_id and domains.best_first = 1

)

{{ plg._changed_rows('computed', 'workspace_id', [
    'name', 'account_id', 'declared_account_id', 'account_from', 'status', 'type', 'created_at', 'region',
    'primary_domain', 'billing_contact_email', 'activation_milestone', 'plan_tier', 'paid_status', 'trial_ends_at',
    'seats_total', 'mrr', 'arr', 'owner_team', 'owner_user', 'people', 'admins', 'score', 'stage',
    'pql_last_changed_at', 'fit_tier', 'route', 'lifecycle',
] + signals) }}
