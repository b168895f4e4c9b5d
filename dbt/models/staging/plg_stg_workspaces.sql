select
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    nullif(trim(cast(account_id as {{ plg.type_name('string') }})), '') as account_id,
    lower(nullif(trim(cast(type as {{ plg.type_name('string') }})), '')) as type,
    cast(created_at as {{ plg.type_name('timestamp') }}) as created_at
from {{
    plg.optional_source('workspaces', {
        'workspace_id': 'string', 'account_id': 'string', 'type': 'string', 'created_at': 'timestamp'
    })
}}
