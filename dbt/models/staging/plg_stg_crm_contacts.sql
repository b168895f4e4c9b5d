select
    contact_id,
    nullif(trim(email), '') as email,
    nullif(trim(account_id), '') as account_id,
    updated_at
from {{ plg.source_rows('crm_contacts') }}
