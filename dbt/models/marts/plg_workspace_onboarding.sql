select
    workspace_id,
    {{ plg.as_of() }} as as_of,
    {{ plg.field('result', 'setup_done', 'integer') }} as setup_done,
    {{ plg.field('result', 'setup_total', 'integer') }} as setup_total,
    {{ plg.field('result', 'setup_next', 'string') }} as setup_next,
    {{ plg.field('result', 'setup_completed_at', 'timestamp') }} as setup_completed_at,
    {{ plg.field('result', 'activated_at', 'timestamp') }} as activated_at,
    {{ plg.field('result', 'hours_to_activation', 'float') }} as hours_to_activation,
    {{ plg.field('result', 'secondary_done', 'integer') }} as secondary_done,
    {{ plg.field('result', 'secondary_total', 'integer') }} as secondary_total,
    {{ plg.field('result', 'habit_reached_at', 'timestamp') }} as habit_reached_at,
    {{ plg.field('result', 'hours_to_habit', 'float') }} as hours_to_habit,
    {{ plg.field('result', 'has_habit', 'boolean') }} as has_habit
from {{ ref('plg_int_milestone_results') }}
