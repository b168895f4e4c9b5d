{#- Nobody shares an id with somebody to whom no chain of links leads. -#}
{% test canonical_ids_are_of_one_component(model, components) %}

select identities.canonical_id
from {{ model }} as identities
inner join {{ components }} as components
    on {{ plg._identity_key('identities.identifier_type', 'identities.identifier') }} = components.identifier
group by identities.canonical_id
having count(distinct components.component) > 1

{% endtest %}
