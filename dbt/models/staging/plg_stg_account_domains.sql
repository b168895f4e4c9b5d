-- The domain in the table of accounts, and further ones.
select
    account_id,
    account_domain as domain_text
from {{ ref('plg_stg_accounts') }}
where account_domain is not null

union distinct

select
    cast(account_id as {{ plg.type_name('string') }}) as account_id,
    nullif(trim(cast(domain as {{ plg.type_name('string') }})), '') as domain_text
from {{ plg.optional_source('account_domains', {'account_id': 'string', 'domain': 'string'}) }}
