-- Everybody with a match or the reason why there is none, those with too many of one alias included.
with found_users as (

    {{ plg.unnest_result(
        ref('plg_int_contact_results'), path='users',
        fields={'user_id': 'string', 'contact_id': 'string', 'status': 'string'}
    ) | indent(4) }}

),

found_contacts as (

    {{ plg.unnest_result(
        ref('plg_int_contact_results'), path='contacts',
        fields={'user_id': 'string', 'contact_id': 'string', 'status': 'string'}
    ) | indent(4) }}

)

select
    members.match_key,
    members.matched_from,
    case when members.matched_from = 'user' then members.member_id else found_contacts.user_id end as user_id,
    case when members.matched_from = 'contact' then members.member_id else found_users.contact_id end as contact_id,
    coalesce(found_users.status, found_contacts.status, 'too_many') as status
from {{ ref('plg_int_contact_members') }} as members
left join found_users
    on members.matched_from = 'user' and members.member_id = found_users.user_id
left join found_contacts
    on members.matched_from = 'contact' and members.member_id = found_contacts.contact_id
