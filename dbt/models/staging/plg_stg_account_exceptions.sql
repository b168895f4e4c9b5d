select distinct
    nullif(trim(cast(workspace_id as {{ plg.type_name('string') }})), '') as workspace_id,
    lower(nullif(trim(cast(exception as {{ plg.type_name('string') }})), '')) as exception_kind,
    nullif(trim(cast(domain as {{ plg.type_name('string') }})), '') as domain_text,
    nullif(trim(cast(account_id as {{ plg.type_name('string') }})), '') as account_id
from {{
    plg.optional_source('account_exceptions', {
        'workspace_id': 'string', 'exception': 'string', 'domain': 'string', 'account_id': 'string'
    })
}}
