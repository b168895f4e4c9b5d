with events as (

    -- The moment from which hours count, as an event: when the workspace was created, or else first seen.
    select
        workspace_id,
        cast(null as {{ plg.type_name('string') }}) as user_id,
        'workspace_begun' as event,
        created_at as occurred_at,
        1 as event_count
    from {{ ref('plg_int_workspaces') }}

    union all

    -- The first of a day's events when it was, and the others when the last was: what is asked for is mostly a first time.
    select
        daily.workspace_id,
        daily.user_id,
        daily.event,
        daily.first_at as occurred_at,
        case when daily.event_count > 1 then 1 else daily.event_count end as event_count
    from {{ ref('plg_workspace_daily_events') }} as daily
    where {{ plg._milestones_condition('daily') }}

    union all

    select
        daily.workspace_id,
        daily.user_id,
        daily.event,
        daily.last_at as occurred_at,
        daily.event_count - 1 as event_count
    from {{ ref('plg_workspace_daily_events') }} as daily
    where daily.event_count > 1 and {{ plg._milestones_condition('daily') }}

)

{%- set definitions = {'negative_events': plg._negative_events() + ['workspace_begun']} -%}
{%- do definitions.update(plg.milestones()) %}

select
    workspace_id,
    {{ plg.fn('milestones') }}(
        {{ plg.agg_events('event', 'occurred_at', count='event_count', user_id='user_id') }},
        {{ plg.text(tojson(definitions)) }},
        {{ plg.as_of() }}
    ) as result
from events
group by workspace_id
