with known as (

    select workspace_id from {{ ref('plg_stg_workspaces') }} where created_at <= {{ plg.as_of() }}
    union
    select workspace_id from {{ ref('plg_stg_events') }} where workspace_ignored_reason is null

)

select
    known.workspace_id,
    history.days
from known
left join {{ ref('plg_workspace_scores') }} as scores
    on known.workspace_id = scores.workspace_id
left join {{ ref('plg_routing') }} as routing
    on known.workspace_id = routing.workspace_id
left join (
    select workspace_id, count(*) as days
    from {{ ref('plg_score_history') }}
    where day = cast({{ plg.as_of() }} as date)
    group by workspace_id
) as history
    on known.workspace_id = history.workspace_id
where scores.total is null or routing.route is null or history.days is distinct from 1
