select
    user_id,
    nullif(trim(role), '') as role,
    lower(seniority) as seniority,
    lower(persona) as persona,
    is_student,
    has_personal_email,
    is_in_target_function,
    nullif(trim(email), '') as email,
    updated_at,
    nullif(trim(title), '') as title,
    nullif(trim(department), '') as department,
    created_at
from {{ plg.source_rows('users') }}
