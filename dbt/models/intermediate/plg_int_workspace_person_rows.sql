{%- set admin_roles = fromjson(plg.score_model()).get('admin_roles', ['workspace_admin']) -%}
{%- set is_admin_role = ' in (' ~ plg.text_list(admin_roles) ~ ')' if admin_roles else ' is null and false' -%}
-- What is known of somebody's place in a workspace, under each of the ids that the person has there.
select
    memberships.workspace_id,
    people.person_id,
    memberships.user_id,
    true as is_member,
    -- NULL where the membership does not say.
    case
        when memberships.is_workspace_admin or memberships.role{{ is_admin_role }} then true
        when memberships.is_workspace_admin is not null or memberships.role is not null then false
    end as is_admin_here,
    users.role{{ is_admin_role }} and users.role is not null as is_admin_anywhere,
    memberships.joined_at
from {{ ref('plg_stg_memberships') }} as memberships
inner join {{ ref('plg_int_user_people') }} as people
    on memberships.user_id = people.user_id
left join {{ ref('plg_stg_users') }} as users
    on memberships.user_id = users.user_id
where memberships.joined_at is null or memberships.joined_at <= {{ plg.as_of() }}

union all

select
    seen.workspace_id,
    people.person_id,
    seen.user_id,
    false as is_member,
    cast(null as {{ plg.type_name('boolean') }}) as is_admin_here,
    users.role{{ is_admin_role }} and users.role is not null as is_admin_anywhere,
    cast(null as {{ plg.type_name('timestamp') }}) as joined_at
from (
    select distinct
        workspace_id,
        user_id
    from {{ ref('plg_workspace_daily_events') }}
    where user_id is not null
) as seen
inner join {{ ref('plg_int_user_people') }} as people
    on seen.user_id = people.user_id
left join {{ ref('plg_stg_users') }} as users
    on seen.user_id = users.user_id

union all

-- Devices that are known to be somebody's, in events that nobody was signed in for.
select
    devices.workspace_id,
    identities.canonical_id as person_id,
    cast(null as {{ plg.type_name('string') }}) as user_id,
    false as is_member,
    cast(null as {{ plg.type_name('boolean') }}) as is_admin_here,
    false as is_admin_anywhere,
    cast(null as {{ plg.type_name('timestamp') }}) as joined_at
from (
    select distinct
        workspace_id,
        anonymous_id
    from {{ ref('plg_stg_events') }}
    where workspace_ignored_reason is null and user_id is null and anonymous_id is not null
) as devices
inner join {{ ref('plg_identities') }} as identities
    on devices.anonymous_id = identities.identifier and identities.identifier_type = 'anonymous_id'
where identities.canonical_id in (select person_id from {{ ref('plg_int_user_people') }})
