-- Who can be matched. Only users and contacts with one alias can have anything to do with each other; who has no address
-- stands alone.
with members as (

    select
        'user:' || users.user_id as match_key,
        'user' as matched_from,
        users.user_id as member_id,
        emails.email,
        emails.email_alias,
        emails.email_kind,
        users.updated_at as changed_at
    from {{ ref('plg_stg_users') }} as users
    left join {{ ref('plg_int_emails') }} as emails
        on users.email = emails.email_text

    union all

    select
        'contact:' || contacts.contact_id as match_key,
        'contact' as matched_from,
        contacts.contact_id as member_id,
        emails.email,
        emails.email_alias,
        emails.email_kind,
        contacts.updated_at as changed_at
    from {{ ref('plg_stg_crm_contacts') }} as contacts
    left join {{ ref('plg_int_emails') }} as emails
        on contacts.email = emails.email_text

)

select
    members.*,
    -- No alias looks like that.
    coalesce(email_alias, match_key) as block_key
from members
