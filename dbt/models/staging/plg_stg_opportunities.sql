select
    opportunity_id,
    workspace_id,
    opened_at,
    closed_at,
    is_won,
    amount
from {{ plg.source_rows('opportunities') }}
