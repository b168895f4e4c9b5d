{{ config(materialized='view') }}
-- A view: raw data are not copied.
with key_events as (

    select event
    from {{ ref('plg_key_events') }}
    where is_key
    union distinct
    select event
    from {{ ref('plg_stg_feature_catalogue') }}
    where is_key_event

)

select
    events.event_id,
    events.event,
    events.occurred_at,
    events.workspace_id,
    events.user_id,
    events.anonymous_id,
    events.event_count,
    events.properties,
    events.source,
    key_events.event is not null as is_key_event
from {{ ref('plg_stg_events') }} as events
left join key_events
    on events.event = key_events.event
where events.ignored_reason is null or events.workspace_ignored_reason is null
