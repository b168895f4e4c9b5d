select
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    cast(reason as {{ plg.type_name('string') }}) as reason,
    cast(excluded_from as {{ plg.type_name('timestamp') }}) as excluded_from,
    cast(excluded_until as {{ plg.type_name('timestamp') }}) as excluded_until
from {{
    plg.optional_source('exclusions', {
        'workspace_id': 'string', 'reason': 'string', 'excluded_from': 'timestamp', 'excluded_until': 'timestamp'
    })
}}
