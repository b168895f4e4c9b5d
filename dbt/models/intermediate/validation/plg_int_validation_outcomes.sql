{%- set days = var('plg_validation_days', 30) %}
-- Scores of earlier weeks with what came of the workspaces: whether an opportunity was won within the days after.
with outcomes as (

    select
        results.workspace_id,
        results.as_of,
        max(
            case
                when
                    opportunities.is_won
                    and opportunities.closed_at > results.as_of
                    and opportunities.closed_at
                    <= cast({{ dbt.dateadd('day', days, 'results.as_of') }} as {{ plg.type_name('timestamp') }})
                    then 1
                else 0
            end
        ) as outcome
    from {{ ref('plg_int_validation_results') }} as results
    left join {{ ref('plg_stg_opportunities') }} as opportunities
        on results.workspace_id = opportunities.workspace_id
    group by results.workspace_id, results.as_of

)

select
    outcomes.workspace_id,
    outcomes.as_of,
    {{ plg.field('results.result', 'model', 'string') }} as model,
    {{ plg.field('results.result', 'version', 'string') }} as model_version,
    {{ plg.field('results.result', 'total', 'float') }} as total,
    {{ plg.field('results.result', 'stage', 'string') }} as stage,
    outcomes.outcome
from outcomes
inner join {{ ref('plg_int_validation_results') }} as results
    on outcomes.workspace_id = results.workspace_id and outcomes.as_of = results.as_of
