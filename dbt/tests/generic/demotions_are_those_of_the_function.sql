{#- identity_resolve demotes whom the model told it of, for the same reason. -#}
{% test demotions_are_those_of_the_function(model, identifiers) %}

with resolved as (

    {{ plg.unnest_result(
        model,
        path='identifiers',
        fields={'identifier_type': 'string', 'identifier': 'string', 'demoted': 'string'}
    ) | indent(4) }}

)

select
    resolved.identifier_type,
    resolved.identifier
from resolved
inner join {{ identifiers }} as identifiers
    on resolved.identifier_type = identifiers.identifier_type and resolved.identifier = identifiers.identifier
where coalesce(resolved.demoted, '') <> coalesce(identifiers.demoted, '')

{% endtest %}
