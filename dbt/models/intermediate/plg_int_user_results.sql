-- One call per user, on daily rollups: an array of days stays small however busy the user is.
with histories as (

    select
        user_id,
        {{ plg.agg_events('event', 'last_at', 'event_count', max_per_hour='max_per_hour') }} as events
    from (
        {{ plg._scored_rows('from ' ~ ref('plg_daily_events') ~ ' as rollups', ['rollups.user_id']) | indent(8) }}
    ) as scored_rows
    group by user_id

)

select
    histories.user_id,
    users.role,
    {{ plg.fn('score_events') }}(
        histories.events,
        users.role,
        {{ plg.text(plg.score_model()) }},
        {{ plg.as_of() }}
    ) as result
from histories
left join {{ ref('plg_stg_users') }} as users
    on histories.user_id = users.user_id
