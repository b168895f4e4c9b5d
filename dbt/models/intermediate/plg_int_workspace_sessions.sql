-- A session of a user in a workspace ends with 30 minutes without an event; it is counted on the day it began.
with ordered as (

    select
        workspace_id,
        occurred_at,
        lag(occurred_at) over (partition by workspace_id, user_id order by occurred_at) as previous_at
    from {{ ref('plg_stg_events') }}
    where
        workspace_ignored_reason is null
        and user_id is not null
        and {{ plg.counts_as_active('event') }}

)

select
    workspace_id,
    cast(occurred_at as date) as day,
    count(*) as sessions,
    max(occurred_at) as last_at
from ordered
where previous_at is null or {{ dbt.datediff('previous_at', 'occurred_at', 'microsecond') }} > 1800000000
group by workspace_id, cast(occurred_at as date)
