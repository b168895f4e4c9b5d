with last_moves as (

    select *
    from {{ ref('plg_workspace_journey_moves') }}
    qualify row_number() over (partition by workspace_id, journey order by move_number desc) = 1

),

-- Of the history itself: an opportunity is the sales journey's state until it is closed, whatever else happens.
opportunities as (

    select
        workspace_id,
        bool_or(closed_at is null or closed_at > {{ plg.as_of() }}) as is_open
    from {{ ref('plg_stg_opportunities') }}
    where opened_at <= {{ plg.as_of() }}
    group by workspace_id

)

select journeys.workspace_id
from {{ ref('plg_workspace_journeys') }} as journeys
left join last_moves
    on journeys.workspace_id = last_moves.workspace_id and journeys.journey = last_moves.journey
left join opportunities
    on journeys.workspace_id = opportunities.workspace_id
where
    journeys.state is distinct from last_moves.state
    or journeys.entered_at is distinct from last_moves.entered_at
    or journeys.next_timeout_at <= {{ plg.as_of() }}
    or (
        journeys.journey = 'sales'
        and coalesce(opportunities.is_open, false) <> coalesce(journeys.state = 'Opportunity', false)
    )
