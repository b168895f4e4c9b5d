{#- A workspace has one spell at a time, which takes some time, and only the last one can be open. -#}
{% test workspace_spells_do_not_overlap(model) %}

select *
from (
    select
        spells.*,
        lead(entered_at) over (partition by workspace_id order by entered_at) as next_at
    from {{ model }} as spells
) as ordered_spells
where left_at <= entered_at or (next_at is not null and (left_at is null or left_at > next_at))

{% endtest %}
