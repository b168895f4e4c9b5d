{%- set model = fromjson(plg.score_model()) -%}
{%- set key_events = [] -%}
{%- for event in model['events'] if event.get('key', true) -%}
    {%- do key_events.append(event['event']) -%}
{%- endfor -%}
{%- set last_events = model.get('handoff', {}).get('key_events', 5) -%}
-- Of the events only the last few, with all of an instant: the function takes the last ones of these. The rollups tell
-- from which day on a workspace has that many, so that only these days are read and ranked.
with recent_days as (

    select
        workspace_id,
        max(day) as since_day
    from (
        select
            workspace_id,
            day,
            sum(sum(row_count)) over (partition by workspace_id order by day desc) as rows_since
        from {{ ref('plg_int_workspace_event_days') }}
        where event in ({{ plg.text_list(key_events) }})
        group by workspace_id, day
    ) as counted_days
    where rows_since >= {{ last_events }}
    group by workspace_id

),

ranked as (

    select
        histories.workspace_id,
        histories.user_id,
        histories.event,
        histories.occurred_at,
        rank() over (partition by histories.workspace_id order by histories.occurred_at desc) as latest_first
    from (
        select workspace_id, user_id, event, occurred_at
        from {{ ref('plg_stg_events') }}
        where workspace_ignored_reason is null
        union all
        select workspace_id, user_id, 'new_active_user_day' as event, first_active_at as occurred_at
        from {{ ref('plg_int_first_active_days') }}
    ) as histories
    left join recent_days
        on histories.workspace_id = recent_days.workspace_id
    where
        histories.event in ({{ plg.text_list(key_events) }})
        and (recent_days.since_day is null or cast(histories.occurred_at as date) >= recent_days.since_day)

),

events as (

    select
        workspace_id,
        {{ plg.agg_rows({'user_id': 'user_id', 'event': 'event', 'occurred_at': 'occurred_at'}) | indent(8) }} as events
    from ranked
    where latest_first <= {{ last_events }}
    group by workspace_id

),

users as (

    select
        workspace_id,
        {{ plg.agg_rows({'user_id': 'user_id', 'role': 'role', 'persona': 'persona'}) | indent(8) }} as users
    from {{ ref('plg_int_workspace_users') }}
    where joined_at is null or joined_at <= {{ plg.as_of() }}
    group by workspace_id

)

select
    results.workspace_id,
    results.as_of,
    {{ plg.fn('handoff') }}(
        {{ plg._or_empty('users.users') }},
        {{ plg._or_empty('events.events') }},
        {{ plg.result_field('results.result', 'top_reasons') }},
        {{ plg.text(plg.score_model()) }},
        results.as_of
    ) as result
from {{ ref('plg_int_workspace_results') }} as results
left join users
    on results.workspace_id = users.workspace_id
left join events
    on results.workspace_id = events.workspace_id
