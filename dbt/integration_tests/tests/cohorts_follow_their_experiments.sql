select *
from {{ ref('plg_cohorts') }} as cohorts
where
    -- What the variables force stands, also outside the namespace's range and beyond the coverage.
    (experiment = 'short_tour' and user_id in ('u001', 'u002') and variant <> 'short')
    or (
        experiment = 'short_tour'
        and user_id not in ('u001', 'u002')
        and not {{ plg.fn('cohort_in_namespace') }}(user_id, 'onboarding', 0, 0.8)
    )
    or (
        experiment = 'friendly_limits'
        and variant_index <> {{ plg.fn('cohort') }}(user_id, 'friendly_limits', [50, 25, 25], 'unleash')
    )
union all
-- Everybody has a variant of an experiment that takes in everybody.
select
    users.user_id,
    'friendly_limits',
    null,
    null
from {{ ref('plg_stg_users') }} as users
where users.user_id not in (select user_id from {{ ref('plg_cohorts') }} where experiment = 'friendly_limits')
