{#- A link between identifiers that may connect either lies within a person or has a row in the audit. -#}
{% test accepted_links_stay_within_a_person(model, links, audit) %}

select
    links.left_key,
    links.right_key
from {{ links }} as links
left join {{ model }} as left_ends
    on links.left_type = left_ends.identifier_type and links.left_value = left_ends.identifier
left join {{ model }} as right_ends
    on links.right_type = right_ends.identifier_type and links.right_value = right_ends.identifier
left join {{ audit }} as refusals
    on
        links.left_type = refusals.left_type
        and links.left_value = refusals.left_value
        and links.right_type = refusals.right_type
        and links.right_value = refusals.right_value
where
    links.right_key is not null
    and left_ends.demoted is null
    and right_ends.demoted is null
    and case when left_ends.canonical_id = right_ends.canonical_id then 1 else 0 end
    + case when refusals.reason is not null then 1 else 0 end <> 1

{% endtest %}
