select
    signup_id,
    nullif(trim(ip), '') as ip,
    occurred_at
from {{ plg.source_rows('signups') }}
