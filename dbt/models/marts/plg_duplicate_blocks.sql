select
    sizes.block_key,
    sizes.block_kind,
    sizes.workspaces,
    sizes.memberships,
    sizes.is_compared,
    {{ plg.field('results.result', 'left_out', 'integer') }} as pairs_left_out
from {{ ref('plg_int_workspace_block_sizes') }} as sizes
left join {{ ref('plg_int_duplicate_results') }} as results
    on sizes.block_key = results.block_key
