-- Points are multiples of 2^-32, so the sums are exact and equality is meant: components to the total, changes to the
-- difference, and the row of the history is the score.
with components as (

    select workspace_id, sum(points) as points
    from {{ ref('plg_workspace_components') }}
    group by workspace_id

),

changes as (

    select workspace_id, sum(delta) as delta
    from {{ ref('plg_workspace_score_changes') }}
    group by workspace_id

),

contributions as (

    select history.workspace_id, sum(item.points) as points
    from {{ ref('plg_score_history') }} as history
    cross join unnest(history.contributions) as items(item)
    where history.as_of = {{ plg.as_of() }}
    group by history.workspace_id

)

select
    scores.workspace_id,
    scores.total
from {{ ref('plg_workspace_scores') }} as scores
left join components
    on scores.workspace_id = components.workspace_id
left join changes
    on scores.workspace_id = changes.workspace_id
left join contributions
    on scores.workspace_id = contributions.workspace_id
where
    scores.total is distinct from components.points
    or scores.total is distinct from coalesce(contributions.points, 0)
    or scores.total - coalesce(scores.previous_total, 0) is distinct from coalesce(changes.delta, 0)
    or scores.total is distinct from
    scores.activation_points + scores.depth_points + scores.expansion_points + scores.intent_points
    + scores.fit_points + scores.negative_points + scores.limit_points
