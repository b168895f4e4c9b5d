-- What sequences wait for, as the times at which it first happened.
with firsts as (

    select
        workspace_id,
        min(first_at) as first_active_at,
        min(case when event = 'key_action_completed' then first_at end) as key_action_at,
        min(case when event = 'usage_limit_hit' then first_at end) as limit_hit_at,
        min(case when event = 'upgrade_click' then first_at end) as upgrade_click_at
    from {{ ref('plg_int_workspace_event_days') }}
    where user_id is not null
    group by workspace_id

),

contacts as (

    select
        workspace_id,
        max(started_at) as contacted_at
    from {{ ref('plg_stg_sales_activities') }}
    where started_at <= {{ plg.as_of() }}
    group by workspace_id

)

select
    facts.workspace_id,
    {{ plg.as_of() }} as as_of,
    firsts.first_active_at,
    firsts.key_action_at,
    firsts.limit_hit_at,
    firsts.upgrade_click_at,
    contacts.contacted_at,
    facts.has_open_opportunity,
    facts.is_excluded
from {{ ref('plg_int_workspace_facts') }} as facts
left join firsts
    on facts.workspace_id = firsts.workspace_id
left join contacts
    on facts.workspace_id = contacts.workspace_id
