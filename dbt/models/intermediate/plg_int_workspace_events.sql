{{ config(materialized='view') }}
-- The history of each workspace, of which the product's events are a part.
with events as (

    select
        workspace_id,
        event,
        occurred_at,
        user_id
    from {{ ref('plg_stg_events') }}
    where ignored_reason is null and workspace_id is not null

    union all

    select
        workspace_id,
        'sales_activity_started' as event,
        started_at as occurred_at,
        cast(null as {{ plg.type_name('string') }}) as user_id
    from {{ ref('plg_stg_sales_activities') }}

    union all

    select
        workspace_id,
        'opportunity_opened' as event,
        opened_at as occurred_at,
        cast(null as {{ plg.type_name('string') }}) as user_id
    from {{ ref('plg_stg_opportunities') }}

    union all

    select
        workspace_id,
        'opportunity_closed' as event,
        closed_at as occurred_at,
        cast(null as {{ plg.type_name('string') }}) as user_id
    from {{ ref('plg_stg_opportunities') }}
    where closed_at is not null

)

select
    events.workspace_id,
    events.event,
    events.occurred_at,
    events.user_id,
    users.role
from events
left join {{ ref('plg_stg_users') }} as users
    on events.user_id = users.user_id
where events.workspace_id is not null and events.occurred_at <= {{ plg.as_of() }}
