{{ config(materialized='view') }}
-- Every address as somebody wrote it, and every domain as the address of nobody there.
select email as email_text from {{ ref('plg_stg_users') }} where email is not null
union distinct
select email as email_text from {{ ref('plg_stg_crm_contacts') }} where email is not null
{%- for model, column in [
    ('plg_stg_workspace_domains', 'sso_domain'), ('plg_stg_workspace_domains', 'billing_domain'),
    ('plg_stg_account_domains', 'domain_text'), ('plg_stg_account_exceptions', 'domain_text'),
] %}
union distinct
select {{ plg.email_address(column) }} as email_text from {{ ref(model) }} where {{ column }} is not null
{%- endfor %}
