select
    workspace_id,
    sequence,
    {{ plg.as_of() }} as as_of,
    {{ plg.field('result', 'state', 'string') }} as state,
    {{ plg.field('result', 'due_step', 'string') }} as due_step,
    {{ plg.field('result', 'due_at', 'timestamp') }} as due_at,
    {{ plg.field('result', 'next_step', 'string') }} as next_step,
    {{ plg.field('result', 'next_due_at', 'timestamp') }} as next_due_at,
    {{ plg.field('result', 'reason', 'string') }} as reason,
    {{ plg.field('result', 'next_change_at', 'timestamp') }} as next_change_at
from {{ ref('plg_int_sequence_results') }}
