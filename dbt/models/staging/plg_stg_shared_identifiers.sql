select distinct
    nullif(trim(cast(identifier_type as {{ plg.type_name('string') }})), '') as identifier_type,
    nullif(trim(cast(identifier as {{ plg.type_name('string') }})), '') as identifier
from {{ plg.optional_source('shared_identifiers', {'identifier_type': 'string', 'identifier': 'string'}) }}
