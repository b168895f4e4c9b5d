-- Rows of raw tables that name no workspace are counted, too, and nothing is counted twice before the scoring.
with before_scoring as (

    select sum(event_count) as event_count
    from {{ ref('plg_workspace_ignored_events') }}
    where reason in ('no_event', 'no_timestamp', 'no_workspace', 'after_as_of')

),

rollups as (

    select sum(event_count) as event_count
    from {{ ref('plg_workspace_daily_events') }}
    where event <> 'new_active_user_day'

),

events as (

    select sum(event_count) as event_count
    from {{ ref('plg_stg_events') }}

)

select *
from before_scoring, rollups, events
where coalesce(before_scoring.event_count, 0) + rollups.event_count <> events.event_count
union all
-- What nobody did earns nothing by rules of users, which are all but these and the negative ones.
select
    (select sum(event_count) from {{ ref('plg_workspace_ignored_events') }} where reason = 'no_user'),
    count(*),
    null
from {{ ref('plg_workspace_daily_events') }} as rollups
inner join {{ ref('plg_key_events') }} as rules
    on rollups.event = rules.event
where rollups.user_id is null and rules.scope = 'user'
having
    (select coalesce(sum(event_count), 0) from {{ ref('plg_workspace_ignored_events') }} where reason = 'no_user')
    <> coalesce(sum(rollups.event_count), 0)
