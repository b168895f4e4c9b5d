select
    workspace_id,
    entitlement,
    valid_from
from {{ plg.source_rows('entitlements') }}
