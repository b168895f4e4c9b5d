select links.*
from {{ ref('plg_stg_identity_links') }} as links
left join {{ ref('plg_identities') }} as a
    on split_part(links.id_a, ':', 2) = a.identifier
left join {{ ref('plg_identities') }} as b
    on split_part(links.id_b, ':', 2) = b.identifier
where a.canonical_id is null or a.canonical_id is distinct from b.canonical_id
