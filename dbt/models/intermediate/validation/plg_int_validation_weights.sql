{%- set buckets = fromjson(plg.score_model())['buckets'] -%}
{%- set features = {} -%}
{%- for bucket in buckets -%}
    {%- do features.update({'bucket_' ~ loop.index: 'points.bucket_' ~ loop.index}) -%}
{%- endfor -%}
{%- set training = {
    'name': 'Points per bucket', 'version': '1', 'features': features | list, 'l2': var('plg_validation_l2', 1)
} -%}
-- One call per week: what the points of each bucket told of the outcome, beside those of the others.
with points as (

    select
        workspace_id,
        as_of,
        {%- for bucket in buckets %}
        sum(case when bucket = {{ plg.text(bucket['name']) }} then points else 0 end) as bucket_{{ loop.index }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_int_validation_components') }}
    group by workspace_id, as_of

),

weeks as (

    select
        outcomes.as_of,
        {{ plg.agg_rows({
            'outcome': 'cast(outcomes.outcome as ' ~ plg.type_name('float') ~ ')',
            'features': plg.facts(features)
        }) | indent(8) }} as observations
    from {{ ref('plg_int_validation_outcomes') }} as outcomes
    inner join points
        on outcomes.workspace_id = points.workspace_id and outcomes.as_of = points.as_of
    group by outcomes.as_of

)

select
    as_of,
    {{ plg.fn('likelihood_fit') }}(observations, {{ plg.text(tojson(training)) }}) as result
from weeks
