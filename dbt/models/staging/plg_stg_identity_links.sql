select distinct
    cast(id_a as {{ plg.type_name('string') }}) as id_a,
    cast(id_b as {{ plg.type_name('string') }}) as id_b
from {{ source('plg_raw', 'identity_links') }}
