{#- A member is in an audience once at a time, and enters before leaving. -#}
{% test spells_do_not_overlap(model) %}

select *
from (
    select
        spells.*,
        lag(entered_at) over (partition by audience, member_id order by entered_at) as entered_before_at,
        lag(left_at) over (partition by audience, member_id order by entered_at) as left_before_at
    from {{ model }} as spells
) as ordered_spells
where
    left_at < entered_at
    or (entered_before_at is not null and (left_before_at is null or left_before_at > entered_at))

{% endtest %}
