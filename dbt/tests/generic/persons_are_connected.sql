{#-
    The links within a person connect all of it, so that no two persons share an id. Asked of persons whose component has
    several: elsewhere the person is the component. identity_merge, which knows no guardrails, looks at one person at a time.
-#}
{% test persons_are_connected(model, links, components) %}

with members as (

    select
        identities.canonical_id as person,
        components.identifier as identifier_key,
        components.component
    from {{ model }} as identities
    inner join {{ components }} as components
        on {{ plg._identity_key('identities.identifier_type', 'identities.identifier') }} = components.identifier

),

shared_components as (

    select component
    from members
    group by component
    having count(distinct person) > 1

),

asked as (

    select
        members.person,
        members.identifier_key
    from members
    inner join shared_components
        on members.component = shared_components.component

),

inner_links as (

    select
        person,
        identifier_key as left_key,
        cast(null as {{ plg.type_name('string') }}) as right_key
    from asked

    union all

    select
        left_ends.person,
        links.left_key,
        links.right_key
    from {{ links }} as links
    inner join asked as left_ends
        on links.left_key = left_ends.identifier_key
    inner join asked as right_ends
        on links.right_key = right_ends.identifier_key
    where left_ends.person = right_ends.person

),

merged as (

    select
        person,
        {{ plg.fn('identity_merge') }}({{ plg.agg_links('left_key', 'right_key') }}) as result
    from inner_links
    group by person

),

parts as (

    {{ plg.unnest_result('merged', {'identifier': 'string', 'canonical_id': 'string'}, keys=['person']) | indent(4) }}

)

select person
from parts
group by person
having count(distinct canonical_id) > 1

{% endtest %}
