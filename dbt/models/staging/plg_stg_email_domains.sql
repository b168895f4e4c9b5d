select distinct
    lower(nullif(trim(cast(domain as {{ plg.type_name('string') }})), '')) as domain_text,
    lower(nullif(trim(cast(kind as {{ plg.type_name('string') }})), '')) as kind
from {{ plg.optional_source('email_domains', {'domain': 'string', 'kind': 'string'}) }}
