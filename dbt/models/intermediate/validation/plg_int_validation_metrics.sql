{%- set predictions = {'score': 'total', 'outcome': 'cast(outcome as ' ~ plg.type_name('float') ~ ')'} -%}
{%- set shares = {'score': 'total / 100', 'outcome': 'cast(outcome as ' ~ plg.type_name('float') ~ ')'} %}
-- One row and a handful of calls per week. A score is held against an outcome as the probability score / 100.
with weeks as (

    select
        as_of,
        model,
        model_version,
        count(*) as workspaces,
        sum(outcome) as converted,
        {{ plg.agg_rows(predictions) | indent(8) }} as predictions,
        {{ plg.agg_rows(shares) | indent(8) }} as shares,
        {{ plg.agg_values('total') }} as scores
    from {{ ref('plg_int_validation_outcomes') }}
    group by as_of, model, model_version

),

-- The first of the weeks is what the others are compared with.
compared as (

    select
        weeks.*,
        reference.scores as reference_scores
    from weeks
    cross join (
        select
            scores,
            row_number() over (order by as_of) as earliest_first
        from weeks
    ) as reference
    where reference.earliest_first = 1

)

select
    as_of,
    model,
    model_version,
    workspaces,
    converted,
    {{ plg.fn('auc') }}(predictions) as auc,
    {{ plg.fn('lift') }}(predictions) as lift,
    {{ plg.fn('brier') }}(shares) as brier,
    {{ plg.fn('calibration') }}(shares, {{ var('plg_validation_bins', 10) }}) as calibration,
    {{ plg.fn('psi') }}(reference_scores, scores, {{ var('plg_validation_bins', 10) }}) as psi,
    {{ plg.fn('suggested_thresholds') }}(predictions, [{{ var('plg_validation_targets', [0.1, 0.25, 0.5]) | join(', ') }}])
        as thresholds
from compared
