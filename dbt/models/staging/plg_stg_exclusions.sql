select
    workspace_id,
    reason,
    excluded_from,
    excluded_until
from {{ plg.source_rows('exclusions') }}
