-- One call per workspace; the measures are columns of the signals, or what plg_health_measures makes of them.
with results as (

    select
        signals.workspace_id,
        signals.account_id,
        signals.as_of,
        {{ plg.fn('health_score') }}(
            {{ plg.facts(plg.health_measures()) | indent(12) }},
            {{ plg.text(plg.health_definition()) }}
        ) as result
    from {{ ref('plg_workspace_signals') }} as signals

)

select
    workspace_id,
    account_id,
    as_of,
    {{ plg.field('results.result', 'definition', 'string') }} as definition,
    {{ plg.field('results.result', 'version', 'string') }} as definition_version,
    {{ plg.field('results.result', 'score', 'float') }} as workspace_score,
    {{ plg.field('results.result', 'colour', 'string') }} as workspace_colour,
    {{ plg.field('results.result', 'known', 'float') }} as workspace_known,
    result
from results
