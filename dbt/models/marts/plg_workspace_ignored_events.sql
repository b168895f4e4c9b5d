{%- set reasons = [
    'unknown_event', 'older_than_horizon', 'same_day', 'over_cap', 'in_loop', 'no_user', 'not_selected'
] -%}
-- First what cannot be in a workspace's history at all, then what score_workspace ignored of the histories.
with counts as (

    select
        workspace_id,
        workspace_ignored_reason as reason,
        event_count as ignored_count
    from {{ ref('plg_stg_events') }}
    where workspace_ignored_reason is not null
    {%- for reason in reasons %}

    union all

    select
        workspace_id,
        '{{ reason }}' as reason,
        {{ plg.field('result', 'ignored.' ~ reason, 'float') }} as ignored_count
    from {{ ref('plg_int_workspace_results') }}
    {%- endfor %}

)

select
    workspace_id,
    reason,
    sum(ignored_count) as event_count
from counts
group by workspace_id, reason
having sum(ignored_count) > 0
