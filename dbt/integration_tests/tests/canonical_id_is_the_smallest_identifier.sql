-- DuckDB compares text by its UTF-8 bytes, as identity_merge does.
with prefixed as (

    select
        canonical_id,
        case identifier_type
            when 'user_id' then 'user:'
            when 'anonymous_id' then 'anon:'
            when 'email' then 'email:'
            when 'crm_contact_id' then 'crm:'
        end || identifier as identifier
    from {{ ref('plg_identities') }}

)

select canonical_id
from prefixed
group by canonical_id
having min(identifier) is distinct from canonical_id
