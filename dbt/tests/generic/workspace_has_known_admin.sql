{#-
    Workspaces that show no admin although one exists: a membership at as_of says that somebody administrates the
    workspace, under whatever id, and the model does not.
-#}
{% test workspace_has_known_admin(model, memberships, column='has_admin') %}
{%- set admin_roles = fromjson(plg.score_model()).get('admin_roles', ['workspace_admin']) %}

select distinct memberships.workspace_id
from {{ memberships }} as memberships
left join {{ model }} as workspaces
    on memberships.workspace_id = workspaces.workspace_id
where
    (
        memberships.is_workspace_admin
        {%- if admin_roles %}
        or memberships.role in ({{ plg.text_list(admin_roles) }})
        {%- endif %}
    )
    and (memberships.joined_at is null or memberships.joined_at <= {{ plg.as_of() }})
    and not coalesce(workspaces.{{ column }}, false)

{% endtest %}
