-- The model lists them by name, the function counts the daily rows that it ignored.
with rollups as (

    select count(*) as row_count
    from {{ ref('plg_daily_events') }}
    where event in (select event from {{ ref('plg_unknown_events') }})

),

scores as (

    select sum(unknown_events) as row_count
    from {{ ref('plg_user_scores') }}

)

select *
from rollups, scores
where rollups.row_count <> scores.row_count
