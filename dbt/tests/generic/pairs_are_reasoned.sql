{#- A pair stands once, in one order, with a reason, and nothing counts more people than there are. -#}
{% test pairs_are_reasoned(model) %}

select pairs.*
from {{ model }} as pairs
left join {{ model }} as turned
    on pairs.workspace_a = turned.workspace_b and pairs.workspace_b = turned.workspace_a
where
    pairs.workspace_a = pairs.workspace_b
    or turned.workspace_a is not null
    or pairs.reasons is null
    or pairs.reasons = ''
    or pairs.shared_users > pairs.users_a
    or pairs.shared_users > pairs.users_b

{% endtest %}
