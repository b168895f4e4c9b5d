select
    subscription_id,
    created_at,
    billable_seats,
    max_seats
from {{ plg.source_rows('seat_links') }}
