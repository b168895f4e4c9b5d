-- Exact matches once more. Each user of the sample has an address of their own, some contacts share one; info@ is a team's.
with users as (

    select
        user_id,
        lower(trim(email)) as email
    from {{ ref('plg_stg_users') }}

),

newest as (

    select
        lower(trim(email)) as email,
        max_by(contact_id, updated_at) as contact_id
    from {{ ref('plg_stg_crm_contacts') }} as contacts
    group by lower(trim(email))
    having count(*) filter (
        where updated_at = (
            select max(same.updated_at)
            from {{ ref('plg_stg_crm_contacts') }} as same
            where lower(trim(same.email)) = lower(trim(contacts.email))
        )
    ) = 1

),

expected as (

    select
        users.user_id,
        newest.contact_id
    from users
    inner join newest
        on users.email = newest.email
    where users.email not like 'info@%'

)

(
    select user_id, contact_id from expected
    except
    select user_id, contact_id from {{ ref('plg_contacts') }} where matched_from = 'user' and status = 'exact'
)
union all
(
    select user_id, contact_id from {{ ref('plg_contacts') }} where status = 'exact'
    except
    select user_id, contact_id from expected
)
