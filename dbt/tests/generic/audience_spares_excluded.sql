{#- Nobody who is excluded at as_of is a member then. -#}
{% test audience_spares_excluded(model, exclusions, member='workspace_id') %}

select spells.*
from {{ model }} as spells
inner join {{ exclusions }} as exclusions
    on spells.member_id = exclusions.{{ member }}
where
    spells.left_at is null
    and (exclusions.excluded_from is null or exclusions.excluded_from <= {{ plg.as_of() }})
    and (exclusions.excluded_until is null or exclusions.excluded_until > {{ plg.as_of() }})

{% endtest %}
