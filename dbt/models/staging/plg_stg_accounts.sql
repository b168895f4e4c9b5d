-- Texts in lower case, as the conditions of models name them.
select
    cast(account_id as {{ plg.type_name('string') }}) as account_id,
    cast(employee_count as {{ plg.type_name('float') }}) as employee_count,
    lower(cast(industry as {{ plg.type_name('string') }})) as industry,
    lower(cast(hq_region as {{ plg.type_name('string') }})) as hq_region,
    cast(uses_data_warehouse as {{ plg.type_name('boolean') }}) as uses_data_warehouse,
    cast(has_business_domain as {{ plg.type_name('boolean') }}) as has_business_domain,
    lower(cast(segment as {{ plg.type_name('string') }})) as segment,
    nullif(trim(cast(account_ae as {{ plg.type_name('string') }})), '') as account_ae,
    nullif(trim({{ plg.optional_column('accounts', 'domain', 'string') }}), '') as account_domain
from {{
    plg.optional_source('accounts', {
        'account_id': 'string', 'employee_count': 'float', 'industry': 'string', 'hq_region': 'string',
        'uses_data_warehouse': 'boolean', 'has_business_domain': 'boolean', 'segment': 'string', 'account_ae': 'string',
        'domain': 'string'
    })
}}
