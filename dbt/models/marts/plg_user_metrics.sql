select
    entity_id as user_id,
    {{ plg.as_of() }} as as_of,
    {{- plg._metric_columns('user', 'result') }}
from {{ ref('plg_int_metric_results') }}
where grain = 'user'
