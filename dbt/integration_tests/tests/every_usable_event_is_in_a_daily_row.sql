with rollups as (

    select sum(event_count) as event_count
    from {{ ref('plg_daily_events') }}
    where event <> 'new_active_user_day'

),

events as (

    select sum(event_count) as event_count
    from {{ ref('plg_stg_events') }}
    where ignored_reason is null

)

select *
from rollups, events
where rollups.event_count is distinct from events.event_count
