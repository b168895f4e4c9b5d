{#- Every spell in an audience lies within a spell in the one above it. -#}
{% test audience_is_within(model, above) %}

select inner_spells.*
from {{ model }} as inner_spells
left join {{ above }} as outer_spells
    on
        inner_spells.member_id = outer_spells.member_id
        and inner_spells.entered_at >= outer_spells.entered_at
        and (outer_spells.left_at is null or inner_spells.left_at <= outer_spells.left_at)
where
    outer_spells.member_id is null
    -- A spell that was taken back has no duration.
    and (inner_spells.left_at is null or inner_spells.left_at > inner_spells.entered_at)

{% endtest %}
