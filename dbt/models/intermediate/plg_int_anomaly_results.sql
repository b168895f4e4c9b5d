{%- set model = fromjson(plg.score_model()) -%}
{%- set days = [model.get('anomalies', {}).get('rate', {}).get('days', 30), var('plg_anomaly_days', 30)] | max %}
-- What the three functions of anomalies say: of every workspace, and of all sign-ups at once.
with recent as (

    select *
    from {{ ref('plg_workspace_daily_events') }}
    where day >= {{ plg.days_before(days) }} and event <> 'new_active_user_day'

),

events as (

    select
        workspace_id,
        {{ plg.agg_events(
            'event', 'last_at', 'event_count', user_id='user_id', max_per_hour='max_per_hour'
        ) | indent(8) }} as events
    from recent
    group by workspace_id

),

days as (

    select
        workspace_id,
        {{ plg.agg_rows({'occurred_at': 'last_at', 'count': 'event_count'}) | indent(8) }} as days
    from (
        select
            workspace_id,
            max(last_at) as last_at,
            sum(event_count) as event_count
        from recent
        group by workspace_id, day
    ) as daily
    group by workspace_id

)

select
    workspaces.workspace_id,
    workspaces.as_of,
    {{ plg.fn('event_loop') }}(
        {{ plg._or_empty('events.events') }}, {{ plg.text(plg.score_model()) }}, workspaces.as_of
    ) as loops,
    {{ plg.fn('rate_anomaly') }}(
        {{ plg._or_empty('days.days') }}, workspaces.created_at, {{ plg.text(plg.score_model()) }}, workspaces.as_of
    ) as rate
from {{ ref('plg_workspace_signals') }} as workspaces
left join events
    on workspaces.workspace_id = events.workspace_id
left join days
    on workspaces.workspace_id = days.workspace_id
