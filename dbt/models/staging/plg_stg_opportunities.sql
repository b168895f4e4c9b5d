select
    cast(opportunity_id as {{ plg.type_name('string') }}) as opportunity_id,
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    cast(opened_at as {{ plg.type_name('timestamp') }}) as opened_at,
    cast(closed_at as {{ plg.type_name('timestamp') }}) as closed_at,
    cast(is_won as {{ plg.type_name('boolean') }}) as is_won
from {{
    plg.optional_source('opportunities', {
        'opportunity_id': 'string', 'workspace_id': 'string', 'opened_at': 'timestamp', 'closed_at': 'timestamp',
        'is_won': 'boolean'
    })
}}
