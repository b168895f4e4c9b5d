with reasons as (

    select
        user_id,
        {%- for rank in [1, 2, 3] %}
        max(case when reason_rank = {{ rank }} then sentence end) as reason_{{ rank }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_user_reasons') }}
    group by user_id

)

select
    results.user_id,
    results.role,
    {{ plg.as_of() }} as as_of,
    {{ plg.field('results.result', 'model', 'string') }} as model,
    {{ plg.field('results.result', 'version', 'string') }} as model_version,
    {{ plg.field('results.result', 'total', 'float') }} as total,
    {{ plg.field('results.result', 'stage', 'string') }} as stage,
    reasons.reason_1,
    reasons.reason_2,
    reasons.reason_3,
    {{ plg.field('results.result', 'ignored.unknown_event', 'float') }} as unknown_events,
    {{ plg.field('results.result', 'ignored.older_than_horizon', 'float') }} as events_older_than_horizon,
    {{ plg.field('results.result', 'ignored.same_day', 'float') }} as events_of_same_day,
    {{ plg.field('results.result', 'ignored.over_cap', 'float') }} as events_over_cap,
    {{ plg.field('results.result', 'ignored.in_loop', 'float') }} as events_in_loop
from {{ ref('plg_int_user_results') }} as results
left join reasons
    on results.user_id = reasons.user_id
