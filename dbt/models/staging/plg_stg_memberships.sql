select distinct
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    cast(user_id as {{ plg.type_name('string') }}) as user_id,
    nullif(trim({{ plg.optional_column('memberships', 'role', 'string') }}), '') as role,
    {{ plg.optional_column('memberships', 'is_workspace_admin', 'boolean') }} as is_workspace_admin,
    {{ plg.optional_column('memberships', 'joined_at', 'timestamp') }} as joined_at
from {{ source('plg_raw', 'memberships') }}
