-- All sign-ups of the last days at once, as a burst knows no workspace.
select
    {{ plg.as_of() }} as as_of,
    {{ plg.fn('signup_burst') }}(
        {{ plg._or_empty(plg.agg_rows({'ip': 'ip', 'occurred_at': 'occurred_at'})) }},
        {{ plg.text(plg.score_model()) }},
        {{ plg.as_of() }}
    ) as result
from {{ ref('plg_stg_signups') }}
where cast(occurred_at as date) >= {{ plg.days_before(var('plg_anomaly_days', 30)) }}
