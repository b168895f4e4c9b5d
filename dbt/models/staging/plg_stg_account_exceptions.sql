select distinct
    nullif(trim(workspace_id), '') as workspace_id,
    lower(nullif(trim(exception), '')) as exception_kind,
    nullif(trim(domain), '') as domain_text,
    nullif(trim(account_id), '') as account_id
from {{ plg.source_rows('account_exceptions') }}
