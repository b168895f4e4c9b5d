select distinct
    workspace_id,
    nullif(trim(sso_domain), '') as sso_domain,
    nullif(trim(billing_domain), '') as billing_domain,
    nullif(trim(billing_entity), '') as billing_entity
from {{ plg.source_rows('workspace_domains') }}
