-- The Mondays of the validation and the moment of the run, all scored with the present model, so that a new model moves nobody.
with scores as (

    select
        workspace_id,
        as_of,
        stage
    from {{ ref('plg_int_validation_outcomes') }}

    union all

    select
        workspace_id,
        as_of,
        stage
    from {{ ref('plg_workspace_scores') }}

),

moments as (

    select
        as_of,
        lag(as_of) over (order by as_of) as earlier_as_of
    from (select distinct as_of from scores) as distinct_moments

),

-- Where everybody is at a moment, with where they were at the one before.
arrivals as (

    select
        moments.as_of,
        earlier.stage as from_stage,
        scores.stage as to_stage
    from scores
    inner join moments on scores.as_of = moments.as_of
    left join scores as earlier
        on scores.workspace_id = earlier.workspace_id and moments.earlier_as_of = earlier.as_of

),

departures as (

    select
        moments.as_of,
        scores.stage as from_stage,
        cast(null as {{ plg.type_name('string') }}) as to_stage
    from scores
    inner join moments on scores.as_of = moments.earlier_as_of
    left join scores as later
        on scores.workspace_id = later.workspace_id and moments.as_of = later.as_of
    where later.workspace_id is null

),

moves as (

    select * from arrivals
    union all
    select * from departures

)

select
    as_of,
    from_stage,
    to_stage,
    count(*) as workspaces
from moves
group by as_of, from_stage, to_stage
