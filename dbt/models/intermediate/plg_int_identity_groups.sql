-- What goes into one call together: a component, or a person of one that passes have taken apart, since nothing is refused
-- within a person.
with members as (

    select
        {{ plg._identity_key('left_type', 'left_value') }} as identifier_key,
        person
    from (
        select
            left_type,
            left_value,
            person,
            row_number() over (partition by left_type, left_value order by pass_number desc) as newest_first
        from {{ ref('plg_int_identity_passes') }}
        where person is not null
    ) as all_passes
    where newest_first = 1

)

select
    components.identifier,
    components.component,
    case
        when touched.is_oversized then coalesce(members.person, components.identifier)
        else components.component
    end as group_key
from {{ ref('plg_int_identity_components') }} as components
inner join {{ ref('plg_int_identity_touched') }} as touched
    on components.component = touched.component
left join members
    on components.identifier = members.identifier_key
