select distinct
    nullif(trim(event), '') as event,
    nullif(trim(feature), '') as feature,
    nullif(trim(use_case), '') as use_case,
    is_key_event
from {{ plg.source_rows('feature_catalogue') }}
