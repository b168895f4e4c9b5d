-- The rows of each group. Where a component was taken apart, refused links are left out, and an identifier still has been seen
-- as early as in all of them.
select
    left_groups.group_key,
    left_groups.component,
    links.left_type,
    links.left_value,
    links.right_type,
    links.right_value,
    links.first_seen,
    links.left_links,
    links.left_shared
from {{ ref('plg_int_identity_rows') }} as links
inner join {{ ref('plg_int_identity_groups') }} as left_groups
    on links.left_key = left_groups.identifier
left join {{ ref('plg_int_identity_groups') }} as right_groups
    on links.right_key = right_groups.identifier
where links.right_key is null or left_groups.group_key = right_groups.group_key

union all

select
    own_groups.group_key,
    own_groups.component,
    identifiers.identifier_type as left_type,
    identifiers.identifier as left_value,
    cast(null as {{ plg.type_name('string') }}) as right_type,
    cast(null as {{ plg.type_name('string') }}) as right_value,
    identifiers.first_seen,
    cast(0 as {{ plg.type_name('float') }}) as left_links,
    cast(0 as {{ plg.type_name('float') }}) as left_shared
from {{ ref('plg_int_identity_identifiers') }} as identifiers
inner join {{ ref('plg_int_identity_groups') }} as own_groups
    on identifiers.identifier_key = own_groups.identifier
inner join {{ ref('plg_int_identity_touched') }} as touched
    on own_groups.component = touched.component
where touched.is_oversized
