select distinct
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    cast(user_id as {{ plg.type_name('string') }}) as user_id
from {{ source('plg_raw', 'memberships') }}
