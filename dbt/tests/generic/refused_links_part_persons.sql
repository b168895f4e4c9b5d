{#- What was refused lies between two persons. -#}
{% test refused_links_part_persons(model) %}

select *
from {{ model }}
where
    reason in ('unique_type', 'type_limit', 'cluster_size')
    and (canonical_id is null or other_canonical_id is null or canonical_id = other_canonical_id)

{% endtest %}
