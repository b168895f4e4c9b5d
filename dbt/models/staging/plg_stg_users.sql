select
    cast(user_id as {{ plg.type_name('string') }}) as user_id,
    nullif(trim(cast(role as {{ plg.type_name('string') }})), '') as role,
    lower({{ plg.optional_column('users', 'seniority', 'string') }}) as seniority,
    lower({{ plg.optional_column('users', 'persona', 'string') }}) as persona,
    {{ plg.optional_column('users', 'is_student', 'boolean') }} as is_student,
    {{ plg.optional_column('users', 'has_personal_email', 'boolean') }} as has_personal_email,
    {{ plg.optional_column('users', 'is_in_target_function', 'boolean') }} as is_in_target_function,
    nullif(trim({{ plg.optional_column('users', 'email', 'string') }}), '') as email,
    {{ plg.optional_column('users', 'updated_at', 'timestamp') }} as updated_at
from {{ source('plg_raw', 'users') }}
