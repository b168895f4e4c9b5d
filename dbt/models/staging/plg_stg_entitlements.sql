select
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    cast(entitlement as {{ plg.type_name('float') }}) as entitlement,
    cast(valid_from as {{ plg.type_name('timestamp') }}) as valid_from
from {{
    plg.optional_source('entitlements', {
        'workspace_id': 'string', 'entitlement': 'float', 'valid_from': 'timestamp'
    })
}}
