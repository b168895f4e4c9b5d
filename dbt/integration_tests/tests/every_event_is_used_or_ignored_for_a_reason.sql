select
    (select count(*) from {{ ref('plg_stg_events') }} where ignored_reason is null) as used,
    (select sum(row_count) from {{ ref('plg_ignored_events') }}) as ignored,
    (select count(*) from {{ ref('plg_stg_events') }}) as events
where used + ignored <> events
