{#- Whoever administrates a workspace by a membership at as_of, under whatever id, is an admin of it as a person. -#}
{% test admins_are_known(model, memberships, people) %}
{%- set admin_roles = fromjson(plg.score_model()).get('admin_roles', ['workspace_admin']) %}

select
    memberships.workspace_id,
    memberships.user_id
from {{ memberships }} as memberships
left join {{ people }} as people
    on memberships.user_id = people.user_id
left join {{ model }} as workspace_people
    on memberships.workspace_id = workspace_people.workspace_id and people.person_id = workspace_people.person_id
where
    (
        memberships.is_workspace_admin
        {%- if admin_roles %}
        or memberships.role in ({{ plg.text_list(admin_roles) }})
        {%- endif %}
    )
    and (memberships.joined_at is null or memberships.joined_at <= {{ plg.as_of() }})
    and not coalesce(workspace_people.is_workspace_admin, false)

{% endtest %}
