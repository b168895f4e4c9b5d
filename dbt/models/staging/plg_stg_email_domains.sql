select distinct
    lower(nullif(trim(domain), '')) as domain_text,
    lower(nullif(trim(kind), '')) as kind
from {{ plg.source_rows('email_domains') }}
