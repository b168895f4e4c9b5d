select distinct
    nullif(trim(identifier_type), '') as identifier_type,
    nullif(trim(identifier), '') as identifier
from {{ plg.source_rows('shared_identifiers') }}
