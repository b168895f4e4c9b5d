-- DuckDB compares text by its UTF-8 bytes, as identity_merge does.
select canonical_id
from {{ ref('plg_identities') }}
group by canonical_id
having min(identifier) <> canonical_id
