select
    entity_id as workspace_id,
    {{ plg.as_of() }} as as_of,
    {{- plg._metric_columns('workspace', 'result') }}
from {{ ref('plg_int_metric_results') }}
where grain = 'workspace'
