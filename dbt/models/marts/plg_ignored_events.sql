with reasons as (

    select 'no_event' as reason
    union all
    select 'no_timestamp' as reason
    union all
    select 'no_user' as reason
    union all
    select 'after_as_of' as reason

)

select
    reasons.reason,
    count(events.ignored_reason) as row_count
from reasons
left join {{ ref('plg_stg_events') }} as events
    on reasons.reason = events.ignored_reason
group by reasons.reason
