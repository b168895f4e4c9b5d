{{
    config(
        materialized='incremental', unique_key='session_id',
        pre_hook="{{ plg._forget_days(plg._first_open_day()) }}",
        post_hook="{{ plg._forget_vanished(ref('plg_int_user_event_days'), 'user_id') }}"
    )
}}
{%- set first_open_day = plg._first_open_day() -%}
{%- set timeout = 1800000000 -%}
{%- set events_from = none -%}
{%- if first_open_day -%}
    {%- set open_at = 'cast(' ~ first_open_day ~ ' as ' ~ plg.type_name('timestamp') ~ ')' -%}
    {#- A session of an earlier day may have gone on, however long: then its events are read again, all of them. -#}
    {%- set going_on -%}
        day < {{ first_open_day }} and {{ dbt.datediff('ended_at', open_at, 'microsecond') }} <= {{ timeout }}
    {%- endset -%}
    {%- set events_from = open_at -%}
    {%- if plg._can_ask() -%}
        {%- set started_at = run_query('select min(started_at) from ' ~ this ~ ' where ' ~ going_on).columns[0].values()[0] -%}
        {%- if started_at -%}
            {%- set events_from = plg.timestamp(started_at | string | replace('+00:00', ''), 'the start of a session') -%}
        {%- endif -%}
    {%- endif -%}
{%- endif -%}
-- A session of a user in a workspace ends with 30 minutes without an event; it belongs to the day it began.
with {% if first_open_day -%}
going_on as (

    select
        user_id,
        workspace_id,
        started_at
    from {{ this }}
    where {{ going_on }}

),

{% endif -%}
active_events as (

    select
        events.user_id,
        events.workspace_id,
        events.occurred_at,
        events.event_count
    from {{ ref('plg_stg_events') }} as events
    {%- if first_open_day %}
    left join going_on
        on
            events.user_id = going_on.user_id
            and coalesce(events.workspace_id, '') = coalesce(going_on.workspace_id, '')
    {%- endif %}
    where
        events.ignored_reason is null
        and {{ plg.counts_as_active('events.event') }}
        {%- if first_open_day %}
        and events.occurred_at >= {{ events_from }}
        and events.occurred_at >= coalesce(going_on.started_at, {{ open_at }})
        {%- endif %}

),

ordered_events as (

    select
        active_events.*,
        lag(occurred_at) over (partition by user_id, workspace_id order by occurred_at) as previous_at
    from active_events

),

numbered_events as (

    select
        ordered_events.*,
        -- Events of one moment are in one session, in whichever order they come.
        sum(
            case
                when previous_at is null or {{ dbt.datediff('previous_at', 'occurred_at', 'microsecond') }} > {{ timeout }}
                    then 1
                else 0
            end
        ) over (
            partition by user_id, workspace_id order by occurred_at
            range between unbounded preceding and current row
        ) as session_number
    from ordered_events

),

sessions as (

    select
        user_id,
        workspace_id,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        sum(event_count) as event_count
    from numbered_events
    group by user_id, workspace_id, session_number

)

select
    {{ plg._md5(
        'cast(length(user_id) as ' ~ plg.type_name('string') ~ ") || ' ' || user_id || coalesce(workspace_id, '') || ' ' || "
        ~ 'cast(started_at as ' ~ plg.type_name('string') ~ ')'
    ) }} as session_id,
    user_id,
    workspace_id,
    cast(started_at as date) as day,
    started_at,
    ended_at,
    {{ dbt.datediff('started_at', 'ended_at', 'microsecond') }} / cast(1000000 as {{ plg.type_name('float') }})
        as duration_seconds,
    event_count
from sessions
