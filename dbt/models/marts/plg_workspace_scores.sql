{%- set buckets = fromjson(plg.score_model())['buckets'] | map(attribute='name') | list -%}
with components as (

    select
        workspace_id,
        {%- for bucket in buckets + ['limit'] %}
        sum(case when bucket = {{ plg.text(bucket) }} then points else 0 end)
            as {{ modules.re.sub('[^A-Za-z0-9_]', '_', bucket) }}_points{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_workspace_components') }}
    group by workspace_id

),

reasons as (

    select
        workspace_id,
        {%- for rank in [1, 2, 3] %}
        max(case when reason_rank = {{ rank }} then sentence end) as reason_{{ rank }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_workspace_reasons') }}
    group by workspace_id

)

select
    results.workspace_id,
    results.as_of,
    signals.account_id,
    signals.type,
    history.model,
    history.model_version,
    history.total,
    history.stage,
    history.previous_as_of,
    history.previous_total,
    history.previous_stage,
    history.pql_last_changed_at,
    {%- for bucket in buckets + ['limit'] %}
    components.{{ modules.re.sub('[^A-Za-z0-9_]', '_', bucket) }}_points,
    {%- endfor %}
    reasons.reason_1,
    reasons.reason_2,
    reasons.reason_3,
    {{ plg.field('results.result', 'next_best_action', 'string') }} as next_best_action,
    {{ plg.field('results.result', 'next_best_action_channel', 'string') }} as next_best_action_channel,
    {{ plg.field('results.result', 'fit_score', 'float') }} as fit_score,
    {{ plg.field('results.result', 'fit_tier', 'string') }} as fit_tier,
    {{ plg.field('results.result', 'is_gate_open', 'boolean') }} as is_gate_open,
    {{ plg.field('results.result', 'last_high_intent_at', 'timestamp') }} as last_high_intent_at,
    {{ plg.field('results.result', 'selected_user', 'string') }} as selected_user,
    {{ plg.list_text('results.result', 'flags') }} as flags
from {{ ref('plg_int_workspace_results') }} as results
inner join {{ ref('plg_workspace_signals') }} as signals
    on results.workspace_id = signals.workspace_id
inner join {{ ref('plg_score_history') }} as history
    on results.workspace_id = history.workspace_id and results.as_of = history.as_of
left join components
    on results.workspace_id = components.workspace_id
left join reasons
    on results.workspace_id = reasons.workspace_id
