-- A component with the same links since the same times is resolved as it was before. When it was seen last changes nothing.
select
    components.component,
    count(*) as row_count,
    {{ plg._identity_fingerprint(['links.left_key', 'links.right_key', 'links.first_seen']) }}
    || {{ plg.text(' ' ~ local_md5(plg.guardrails()) ~ ' ') }} || {{ plg.fn('version') }}() as fingerprint
from {{ ref('plg_int_identity_rows') }} as links
inner join {{ ref('plg_int_identity_components') }} as components
    on links.left_key = components.identifier
group by components.component
