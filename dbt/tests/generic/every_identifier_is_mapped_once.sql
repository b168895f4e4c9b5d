{#- The identifiers of the links, read from them once more, are those that have a person: none is lost, none has two. -#}
{% test every_identifier_is_mapped_once(model, links) %}

with linked as (

    {%- for side in ['left', 'right'] %}
    select
        {{ side }}_type as identifier_type,
        {{ side }}_value as identifier
    from {{ links }}
    where
        first_seen <= {{ plg.as_of() }}
        and {{ side }}_value is not null
        and {{ plg._identity_rank(side ~ '_type') }} is not null
    {%- if not loop.last %}
    union distinct
    {%- endif %}
    {%- endfor %}

),

mapped as (

    select
        identifier_type,
        identifier,
        count(*) as row_count
    from {{ model }}
    group by identifier_type, identifier

)

select
    coalesce(linked.identifier_type, mapped.identifier_type) as identifier_type,
    coalesce(linked.identifier, mapped.identifier) as identifier,
    mapped.row_count
from linked
full outer join mapped
    on linked.identifier_type = mapped.identifier_type and linked.identifier = mapped.identifier
where linked.identifier is null or mapped.identifier is null or mapped.row_count <> 1

{% endtest %}
