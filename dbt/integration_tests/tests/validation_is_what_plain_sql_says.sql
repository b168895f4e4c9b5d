-- AUC as pairs counted one by one, Brier score and outcomes from the raw table.
with outcomes as (

    select
        scores.*,
        exists (
            from {{ ref('plg_stg_opportunities') }} as won
            where
                won.workspace_id = scores.workspace_id
                and won.is_won
                and won.closed_at > scores.as_of
                and won.closed_at <= scores.as_of + interval 30 days
        ) as is_won
    from {{ ref('plg_int_validation_outcomes') }} as scores

),

pairs as (

    select
        better.as_of,
        avg(case when better.total > worse.total then 1 when better.total = worse.total then 0.5 else 0 end) as auc
    from outcomes as better
    inner join outcomes as worse
        on better.as_of = worse.as_of and better.is_won and not worse.is_won
    group by better.as_of

),

weeks as (

    select
        as_of,
        count(*) as workspaces,
        count(*) filter (where is_won) as converted,
        avg((total / 100 - is_won::int) ** 2) as brier
    from outcomes
    group by as_of

)

select weeks.*
from weeks
full outer join {{ ref('plg_score_validation') }} as validation
    on weeks.as_of = validation.as_of
left join pairs
    on weeks.as_of = pairs.as_of
left join (
    select
        as_of,
        sum(converted) as converted,
        sum(workspaces) as workspaces
    from {{ ref('plg_score_validation_stages') }}
    group by as_of
) as stages
    on weeks.as_of = stages.as_of
where
    dayofweek(weeks.as_of) <> 1
    or weeks.as_of + interval 30 days > {{ plg.as_of() }}
    or weeks.workspaces is distinct from validation.workspaces
    or weeks.converted is distinct from validation.converted
    or weeks.workspaces is distinct from stages.workspaces
    or weeks.converted is distinct from stages.converted
    -- The same figures from sums in another order.
    or abs(weeks.brier - validation.brier) > 1e-12
    or abs(pairs.auc - validation.auc) > 1e-12
    or (pairs.auc is null) <> (validation.auc is null)
