-- The shipped rules of roles as a CASE. The sample's memberships give no role by themselves.
with expected as (

    select
        pairs.workspace_id,
        pairs.user_id,
        case
            when memberships.is_workspace_admin then 'workspace_admin'
            when users.seniority in ('vp', 'director', 'manager') then users.seniority
            when users.is_student then 'student'
            when users.has_personal_email then 'personal_email'
            when users.is_in_target_function then 'target_ic'
            when users.role = 'workspace_admin' and not memberships.is_workspace_admin then null
            else users.role
        end as role
    from {{ ref('plg_int_workspace_users') }} as pairs
    left join {{ ref('plg_stg_memberships') }} as memberships
        on pairs.workspace_id = memberships.workspace_id and pairs.user_id = memberships.user_id
    left join {{ ref('plg_stg_users') }} as users
        on pairs.user_id = users.user_id

)

select expected.*
from expected
inner join {{ ref('plg_int_workspace_users') }} as users
    on expected.workspace_id = users.workspace_id and expected.user_id = users.user_id
where
    users.role is distinct from expected.role
    or users.is_admin <> coalesce(expected.role = 'workspace_admin', false)
