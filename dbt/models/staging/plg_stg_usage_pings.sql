select
    subscription_id,
    created_at,
    payload,
    nullif(trim(installation_id), '') as installation_id,
    nullif(trim(version), '') as version,
    nullif(trim(installation_type), '') as installation_type
from {{ plg.source_rows('usage_pings') }}
