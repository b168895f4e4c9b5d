select
    metrics.as_of,
    metrics.model,
    metrics.model_version,
    metrics.workspaces,
    metrics.converted,
    cast(metrics.converted as {{ plg.type_name('float') }}) / metrics.workspaces as conversion_rate,
    {{ plg.field('metrics.auc', 'auc', 'float') }} as auc,
    lifts.lift as top_decile_lift,
    lifts.cumulative_share as top_decile_share,
    {{ plg.field('metrics.brier', 'brier', 'float') }} as brier,
    {{ plg.field('metrics.brier', 'reference', 'float') }} as brier_reference,
    {{ plg.field('metrics.calibration', 'expected_calibration_error', 'float') }} as expected_calibration_error,
    {{ plg.field('metrics.psi', 'psi', 'float') }} as psi,
    {{ plg.field('metrics.psi', 'band', 'string') }} as psi_band
from {{ ref('plg_int_validation_metrics') }} as metrics
left join {{ ref('plg_score_validation_deciles') }} as lifts
    on metrics.as_of = lifts.as_of and lifts.decile = 1
