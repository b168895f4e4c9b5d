select {{ plg.fn('identity_merge') }}({{ plg.agg_links('id_a', 'id_b') }}) as result
from {{ ref('plg_stg_identity_links') }}
