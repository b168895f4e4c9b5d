-- The addresses of a person's user ids, and the accounts of the contacts that they are matched with.
select distinct
    people.person_id,
    people.user_id,
    emails.email,
    emails.email_domain,
    emails.email_kind,
    matches.contact_id,
    matches.status as match_status,
    contacts.account_id,
    users.updated_at as changed_at
from {{ ref('plg_int_user_people') }} as people
inner join {{ ref('plg_stg_users') }} as users
    on people.user_id = users.user_id
left join {{ ref('plg_int_emails') }} as emails
    on users.email = emails.email_text
left join {{ ref('plg_contacts') }} as matches
    on matches.matched_from = 'user' and users.user_id = matches.user_id
left join {{ ref('plg_stg_crm_contacts') }} as contacts
    on matches.contact_id = contacts.contact_id
