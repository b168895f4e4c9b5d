select
    workspace_id,
    nullif(trim(account_id), '') as account_id,
    lower(nullif(trim(type), '')) as type,
    created_at,
    nullif(trim(name), '') as name,
    lower(nullif(trim(status), '')) as status,
    nullif(trim(primary_domain), '') as primary_domain,
    nullif(trim(billing_contact_email), '') as billing_contact_email,
    nullif(trim(region), '') as region,
    nullif(trim(owner_team), '') as owner_team,
    nullif(trim(owner_user), '') as owner_user
from {{ plg.source_rows('workspaces') }}
