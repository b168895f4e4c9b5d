{{
    config(
        materialized='incremental', unique_key='subscription_id',
        post_hook="{{ plg._forget_vanished(ref('plg_stg_subscriptions'), 'subscription_id') }}"
    )
}}
{%- set as_of = plg.as_of() -%}
with members as (

    select
        workspace_id,
        count(*) as members
    from {{ ref('plg_workspace_people') }}
    where is_member
    group by workspace_id

),

judged as (

    select
        subscriptions.*,
        (started_at is null or started_at <= {{ as_of }})
        and ((canceled_at is null and status <> 'canceled') or (canceled_at is not null and canceled_at > {{ as_of }}))
            as is_in_force
    from {{ ref('plg_stg_subscriptions') }} as subscriptions

),

computed as (

    select
        judged.subscription_id,
        judged.workspace_id,
        {{ plg._account_of('accounts') }} as account_id,
        judged.deployment,
        judged.plan,
        judged.period,
        judged.status,
        judged.is_in_force,
        judged.is_in_force and judged.mrr > 0 and judged.status in ('active', 'past_due') as is_paid,
        judged.mrr,
        coalesce(judged.arr, 12 * judged.mrr) as arr,
        judged.seats_purchased,
        -- Of a workspace with several subscriptions nobody knows whose seat is paid by which.
        case when judged.is_in_force and judged.workspace_id is not null then coalesce(members.members, 0) end as seats_used,
        judged.started_at,
        judged.trial_started_at,
        judged.trial_ends_at,
        judged.renewal_at,
        judged.canceled_at,
        judged.billing_entity
    from judged
    left join {{ ref('plg_workspace_accounts') }} as accounts
        on judged.workspace_id = accounts.workspace_id
    left join members
        on judged.workspace_id = members.workspace_id

)

{{ plg._changed_rows('computed', 'subscription_id', [
    'workspace_id', 'account_id', 'deployment', 'plan', 'period', 'status', 'is_in_force', 'is_paid', 'mrr', 'arr',
    'seats_purchased', 'seats_used', 'started_at', 'trial_started_at', 'trial_ends_at', 'renewal_at', 'canceled_at',
    'billing_entity',
]) }}
