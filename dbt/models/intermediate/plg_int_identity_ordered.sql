-- The normative order of links: the weaker type, the time, the stronger identifier, the weaker one.
select
    components.component,
    row_number() over (
        partition by components.component
        order by links.right_rank, links.first_seen, links.left_rank, links.left_value, links.right_value
    ) as place,
    links.left_key,
    links.right_key,
    links.left_type,
    links.left_value,
    links.right_type,
    links.right_value,
    links.first_seen
from {{ ref('plg_int_identity_rows') }} as links
inner join {{ ref('plg_int_identity_components') }} as components
    on links.left_key = components.identifier
inner join {{ ref('plg_int_identity_touched') }} as touched
    on components.component = touched.component
where touched.is_oversized and links.right_key is not null
