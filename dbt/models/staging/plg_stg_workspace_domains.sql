select distinct
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    nullif(trim(cast(sso_domain as {{ plg.type_name('string') }})), '') as sso_domain,
    nullif(trim(cast(billing_domain as {{ plg.type_name('string') }})), '') as billing_domain,
    nullif(trim(cast(billing_entity as {{ plg.type_name('string') }})), '') as billing_entity
from {{
    plg.optional_source('workspace_domains', {
        'workspace_id': 'string', 'sso_domain': 'string', 'billing_domain': 'string', 'billing_entity': 'string'
    })
}}
