select
    workspace_id,
    journey,
    {{ plg.as_of() }} as as_of,
    {{ plg.field('result', 'state', 'string') }} as state,
    {{ plg.field('result', 'entered_at', 'timestamp') }} as entered_at,
    {{ plg.field('result', 'previous_state', 'string') }} as previous_state,
    {{ plg.field('result', 'paused_at', 'timestamp') }} as paused_at,
    {{ plg.field('result', 'next_timeout_at', 'timestamp') }} as next_timeout_at,
    {{ plg.field('result', 'next_state', 'string') }} as next_state,
    {{ plg.field('result', 'moves', 'integer') }} as moves
from {{ ref('plg_int_journey_results') }}
