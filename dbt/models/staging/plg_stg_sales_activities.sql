select
    sales_activity_id,
    workspace_id,
    started_at,
    ended_at
from {{ plg.source_rows('sales_activities') }}
