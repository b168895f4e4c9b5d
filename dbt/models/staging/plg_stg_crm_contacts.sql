select
    cast(contact_id as {{ plg.type_name('string') }}) as contact_id,
    nullif(trim(cast(email as {{ plg.type_name('string') }})), '') as email,
    nullif(trim(cast(account_id as {{ plg.type_name('string') }})), '') as account_id,
    cast(updated_at as {{ plg.type_name('timestamp') }}) as updated_at
from {{
    plg.optional_source('crm_contacts', {
        'contact_id': 'string', 'email': 'string', 'account_id': 'string', 'updated_at': 'timestamp'
    })
}}
