-- Texts in lower case, as the conditions of models name them.
select
    account_id,
    employee_count,
    lower(industry) as industry,
    lower(hq_region) as hq_region,
    uses_data_warehouse,
    has_business_domain,
    lower(segment) as segment,
    nullif(trim(account_ae), '') as account_ae,
    nullif(trim(domain), '') as account_domain,
    nullif(trim(name), '') as name,
    lower(nullif(trim(sub_industry), '')) as sub_industry,
    nullif(trim(hq_country), '') as hq_country,
    nullif(trim(tech_stack), '') as tech_stack,
    nullif(trim(owner), '') as owner,
    nullif(trim(lifecycle_stage), '') as lifecycle_stage
from {{ plg.source_rows('accounts') }}
