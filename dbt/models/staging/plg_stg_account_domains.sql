-- The domain in the table of accounts, and further ones.
select
    account_id,
    account_domain as domain_text
from {{ ref('plg_stg_accounts') }}
where account_domain is not null

union distinct

select
    account_id,
    nullif(trim(domain), '') as domain_text
from {{ plg.source_rows('account_domains') }}
