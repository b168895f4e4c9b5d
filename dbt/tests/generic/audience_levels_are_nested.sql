{#- The same for a table of all audiences: whoever is in a level is in the one above. -#}
{% test audience_levels_are_nested(model) %}

select inner_spells.*
from {{ model }} as inner_spells
left join {{ model }} as outer_spells
    on
        inner_spells.audience_set = outer_spells.audience_set
        and inner_spells.level = outer_spells.level + 1
        and inner_spells.member_id = outer_spells.member_id
        and inner_spells.entered_at >= outer_spells.entered_at
        and (outer_spells.left_at is null or inner_spells.left_at <= outer_spells.left_at)
where
    inner_spells.level > 1
    and outer_spells.member_id is null
    and (inner_spells.left_at is null or inner_spells.left_at > inner_spells.entered_at)

{% endtest %}
