-- The model lists them by name, the function counts the occurrences that it ignored.
with rollups as (

    select coalesce(sum(event_count), 0) as event_count
    from {{ ref('plg_daily_events') }}
    where event in (select event from {{ ref('plg_unknown_events') }})

),

scores as (

    select sum(unknown_events) as event_count
    from {{ ref('plg_user_scores') }}

)

select *
from rollups, scores
where rollups.event_count <> scores.event_count
