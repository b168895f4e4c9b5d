{%- set admin_roles = fromjson(plg.score_model()).get('admin_roles', ['workspace_admin']) -%}
-- Members, and whoever was seen in a workspace without being one.

with seen as (

    select distinct
        workspace_id,
        user_id
    from {{ ref('plg_workspace_daily_events') }}
    where user_id is not null

),

pairs as (

    select workspace_id, user_id from {{ ref('plg_stg_memberships') }}
    union distinct
    select workspace_id, user_id from seen

),

facts as (

    select
        pairs.workspace_id,
        pairs.user_id,
        memberships.role as membership_role,
        memberships.is_workspace_admin,
        memberships.joined_at,
        users.role as user_role,
        users.seniority,
        users.persona,
        users.is_student,
        users.has_personal_email,
        users.is_in_target_function
    from pairs
    left join {{ ref('plg_stg_memberships') }} as memberships
        on pairs.workspace_id = memberships.workspace_id and pairs.user_id = memberships.user_id
    left join {{ ref('plg_stg_users') }} as users
        on pairs.user_id = users.user_id

),

judged as (

    select
        facts.*,
        {{ plg.fn('role_factor') }}(
            {{ plg.facts([
                'is_workspace_admin', 'seniority', 'persona', 'is_student', 'has_personal_email', 'is_in_target_function'
            ]) | indent(12) }},
            {{ plg.text(plg.score_model()) }}
        ) as result
    from facts

),

roles as (

    select
        workspace_id,
        user_id,
        coalesce(
            -- Who administrates a workspace is its admin, whatever else the membership says.
            {%- if admin_roles %}
            case
                when not coalesce(is_workspace_admin, false) or membership_role in ({{ plg.text_list(admin_roles) }})
                    then membership_role
            end,
            {%- else %}
            membership_role,
            {%- endif %}
            {{ plg.field('result', 'role', 'string') }},
            -- The role in the product at large; but nobody is an admin of a workspace that says otherwise.
            {%- if admin_roles %}
            case
                when coalesce(is_workspace_admin, true) or user_role not in ({{ plg.text_list(admin_roles) }}) then user_role
            end
            {%- else %}
            user_role
            {%- endif %}
        ) as role,
        persona,
        joined_at
    from judged

)

select
    workspace_id,
    user_id,
    role,
    {{ 'role in (' ~ plg.text_list(admin_roles) ~ ') and role is not null' if admin_roles else 'false' }} as is_admin,
    persona,
    joined_at
from roles
