select distinct
    workspace_id,
    user_id,
    nullif(trim(role), '') as role,
    is_workspace_admin,
    joined_at
from {{ plg.source_rows('memberships') }}
