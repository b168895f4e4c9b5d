{%- set model = fromjson(plg.score_model()) -%}
{%- set admin_roles = model.get('admin_roles', ['workspace_admin']) -%}
-- The role of a person that weighs most, whichever of the person's ids has it wherever; being an admin before all.
with roles as (

    select
        people.person_id,
        users.role
    from {{ ref('plg_int_workspace_users') }} as users
    inner join {{ ref('plg_int_user_people') }} as people
        on users.user_id = people.user_id
    where users.joined_at is null or users.joined_at <= {{ plg.as_of() }}

    union distinct

    select
        people.person_id,
        users.role
    from {{ ref('plg_stg_users') }} as users
    inner join {{ ref('plg_int_user_people') }} as people
        on users.user_id = people.user_id
    -- Who is an admin is for workspaces to say, where there are any.
    where users.user_id not in (
        select user_id from {{ ref('plg_int_workspace_users') }} where user_id is not null
    )

),

weighed as (

    select
        person_id,
        role,
        {% if admin_roles -%}
        role in ({{ plg.text_list(admin_roles) }}) as is_admin,
        {%- else -%}
        false as is_admin,
        {%- endif %}
        case
            {%- for role, factor in model.get('roles', {}).items() %}
            when role = {{ plg.text(role) }} then {{ factor }}
            {%- endfor %}
            else {{ model.get('other_role', 1) }}
        end as weight
    from roles
    where role is not null

)

select
    person_id,
    role,
    cast(weight as {{ plg.type_name('float') }}) as weight
from (
    select
        weighed.*,
        row_number() over (
            partition by person_id order by case when is_admin then 0 else 1 end, weight desc, role
        ) as strongest_first
    from weighed
) as ranked
where strongest_first = 1
