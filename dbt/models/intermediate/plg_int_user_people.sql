-- The person of every user id. What stands in a column of user ids may be another identifier of the person's: a device
-- before the sign-up, an address. An id that nothing was linked to is a person, too.
with ids as (

    select user_id from {{ ref('plg_stg_users') }} where user_id is not null
    union distinct
    select user_id from {{ ref('plg_stg_memberships') }} where user_id is not null
    union distinct
    select user_id from {{ ref('plg_int_user_event_days') }}

),

candidates as (

    select
        ids.user_id,
        identities.identifier_type,
        identities.canonical_id,
        row_number() over (
            partition by ids.user_id
            order by
                case identities.identifier_type
                    when 'user_id' then 1
                    when 'sso_subject' then 2
                    when 'billing_id' then 3
                    when 'crm_contact_id' then 4
                    when 'email' then 5
                    when 'anonymous_id' then 6
                    else 7
                end,
                identities.identifier_type,
                identities.canonical_id
        ) as strongest_first
    from ids
    left join {{ ref('plg_identities') }} as identities
        on ids.user_id = identities.identifier

)

select
    user_id,
    coalesce(canonical_id, 'user_id:' || user_id) as person_id,
    identifier_type as known_as
from candidates
where strongest_first = 1
