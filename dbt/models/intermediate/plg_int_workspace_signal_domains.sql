-- The domains that a workspace itself has, normalised; what is none has none.
{%- for signal in ['billing_domain', 'sso_domain'] %}
select distinct
    domains.workspace_id,
    {{ plg.text(signal) }} as signal,
    emails.email_domain,
    emails.email_kind
from {{ ref('plg_stg_workspace_domains') }} as domains
left join {{ ref('plg_int_emails') }} as emails
    on {{ plg.email_address('domains.' ~ signal) }} = emails.email_text
where domains.{{ signal }} is not null and domains.workspace_id is not null
{{- '\n\nunion all\n' if not loop.last }}
{%- endfor %}
