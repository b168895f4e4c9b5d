{%- set buckets = fromjson(plg.score_model())['buckets'] -%}
-- By how much more or less the points of each bucket should count, so that a point of every bucket would tell as much of
-- the outcome: the mean of all points stays what it is.
with fitted as (

    {{
        plg.unnest_result(
            ref('plg_int_validation_weights'),
            keys=['as_of'],
            path='features',
            fields={'name': 'string', 'weight': 'float', 'mean': 'float', 'scale': 'float'}
        ) | indent(4)
    }}

),

slopes as (

    select
        as_of,
        case name
            {%- for bucket in buckets %}
            when 'bucket_{{ loop.index }}' then {{ plg.text(bucket['name']) }}
            {%- endfor %}
        end as bucket,
        mean as mean_points,
        weight / scale as log_odds_per_point,
        -- Where points lower the odds, none are better.
        greatest(weight, 0) / scale as useful
    from fitted

),

sums as (

    select
        slopes.*,
        sum(abs(mean_points)) over (partition by as_of) as all_points,
        sum(useful * abs(mean_points)) over (partition by as_of) as all_useful
    from slopes

)

select
    as_of,
    bucket,
    mean_points,
    log_odds_per_point,
    case when mean_points <> 0 and all_useful > 0 then useful * all_points / all_useful end as suggested_factor
from sums
