-- What sequences wait for, as the times at which it first happened.
with firsts as (

    select
        workspace_id,
        min(case when user_id is not null then occurred_at end) as first_active_at,
        min(case when event = 'key_action_completed' then occurred_at end) as key_action_at,
        min(case when event = 'usage_limit_hit' then occurred_at end) as limit_hit_at,
        min(case when event = 'upgrade_click' then occurred_at end) as upgrade_click_at,
        max(case when event = 'sales_activity_started' then occurred_at end) as contacted_at
    from {{ ref('plg_int_workspace_events') }}
    group by workspace_id

)

select
    facts.workspace_id,
    {{ plg.as_of() }} as as_of,
    firsts.first_active_at,
    firsts.key_action_at,
    firsts.limit_hit_at,
    firsts.upgrade_click_at,
    firsts.contacted_at,
    facts.has_open_opportunity,
    facts.is_excluded
from {{ ref('plg_int_workspace_facts') }} as facts
left join firsts
    on facts.workspace_id = firsts.workspace_id
