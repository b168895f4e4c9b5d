select links.*
from {{ ref('plg_stg_identity_links') }} as links
left join {{ ref('plg_identities') }} as a
    on links.id_a = a.identifier
left join {{ ref('plg_identities') }} as b
    on links.id_b = b.identifier
where a.canonical_id is null or a.canonical_id is distinct from b.canonical_id
