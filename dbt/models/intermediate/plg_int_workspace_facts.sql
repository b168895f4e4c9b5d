{%- set as_of = plg.as_of() -%}

with workspaces as (

    select distinct workspace_id
    from {{ ref('plg_stg_memberships') }}

),

usages as (

    select
        workspace_id,
        sum(event_count) as usage
    from {{ ref('plg_int_workspace_event_days') }}
    where
        user_id is not null
        and day >= {{ plg.days_before(27) }}
        and event in ({{ plg.text_list(var('plg_usage_events')) }})
    group by workspace_id

),

entitlements as (

    select
        workspace_id,
        entitlement,
        row_number() over (partition by workspace_id order by valid_from desc, entitlement desc) as newest_first
    from {{ ref('plg_stg_entitlements') }}
    where valid_from <= {{ as_of }}

),

plans as (

    select
        workspace_id,
        plan,
        row_number() over (partition by workspace_id order by mrr desc, plan, subscription_id) as highest_first
    from {{ ref('plg_stg_subscriptions') }}
    where status <> 'canceled'

),

opportunities as (

    select distinct workspace_id
    from {{ ref('plg_stg_opportunities') }}
    where opened_at <= {{ as_of }} and (closed_at is null or closed_at > {{ as_of }})

),

engagements as (

    select distinct workspace_id
    from {{ ref('plg_stg_sales_activities') }}
    where started_at <= {{ as_of }} and (ended_at is null or ended_at > {{ as_of }})

),

exclusions as (

    select distinct workspace_id
    from {{ ref('plg_stg_exclusions') }}
    where
        (excluded_from is null or excluded_from <= {{ as_of }})
        and (excluded_until is null or excluded_until > {{ as_of }})

)

select
    workspaces.workspace_id,
    {{ as_of }} as as_of,
    plans.plan in ({{ plg.text_list(var('plg_self_serve_plans')) }}) as is_self_serve,
    -- No events is no usage; an entitlement may well be unknown.
    coalesce(usages.usage, 0) as usage,
    entitlements.entitlement,
    engagements.workspace_id is not null as has_open_engagement,
    opportunities.workspace_id is not null as has_open_opportunity,
    exclusions.workspace_id is not null as is_excluded
from workspaces
left join usages
    on workspaces.workspace_id = usages.workspace_id
left join entitlements
    on workspaces.workspace_id = entitlements.workspace_id and entitlements.newest_first = 1
left join plans
    on workspaces.workspace_id = plans.workspace_id and plans.highest_first = 1
left join engagements
    on workspaces.workspace_id = engagements.workspace_id
left join opportunities
    on workspaces.workspace_id = opportunities.workspace_id
left join exclusions
    on workspaces.workspace_id = exclusions.workspace_id
