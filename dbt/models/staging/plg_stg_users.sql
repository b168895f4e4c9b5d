select
    cast(user_id as {{ plg.type_name('string') }}) as user_id,
    nullif(trim(cast(role as {{ plg.type_name('string') }})), '') as role
from {{ source('plg_raw', 'users') }}
