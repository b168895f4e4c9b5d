select
    entity_id as account_id,
    {{ plg.as_of() }} as as_of,
    {{- plg._metric_columns('account', 'result') }}
from {{ ref('plg_int_metric_results') }}
where grain = 'account'
