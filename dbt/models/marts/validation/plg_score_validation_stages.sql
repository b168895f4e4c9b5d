select
    as_of,
    stage,
    count(*) as workspaces,
    sum(outcome) as converted,
    cast(sum(outcome) as {{ plg.type_name('float') }}) / count(*) as conversion_rate
from {{ ref('plg_int_validation_outcomes') }}
group by as_of, stage
