select
    nullif(trim(campaign), '') as campaign,
    nullif(trim(contact_id), '') as contact_id,
    nullif(trim(user_id), '') as user_id,
    responded_at,
    lower(nullif(trim(response), '')) as response
from {{ plg.source_rows('campaign_responses') }}
