with results as (

    select
        account_id,
        {{ plg.fn('score_account') }}(
            {{ plg.agg_rows({'workspace_id': 'workspace_id', 'type': 'type', 'score': 'total'}) | indent(12) }},
            {{ plg.text(plg.score_model()) }}
        ) as result
    from {{ ref('plg_workspace_scores') }}
    where account_id is not null
    group by account_id

)

select
    account_id,
    {{ plg.as_of() }} as as_of,
    {{ plg.field('result', 'total', 'float') }} as total,
    {{ plg.fn('score_stage') }}(
        {{ plg.field('result', 'total', 'float') }},
        {{ plg.text(plg.score_model()) }},
        cast(null as {{ plg.type_name('string') }}),
        cast(null as {{ plg.type_name('float') }})
    ) as stage,
    {{ plg.field('result', 'workspace_id', 'string') }} as workspace_id,
    {{ plg.field('result', 'workspaces', 'integer') }} as workspaces,
    {{ plg.field('result', 'ignored.other_type', 'integer') }} as workspaces_of_other_type
from results
