select *
from {{ ref('plg_cohorts') }} as cohorts
where
    -- What the variables force stands, also outside the namespace's range and beyond the coverage.
    (experiment = 'short_tour' and entity_id in ('u001', 'u002') and variant <> 'short')
    or (
        experiment = 'short_tour'
        and entity_id not in ('u001', 'u002')
        and not {{ plg.fn('cohort_in_namespace') }}(entity_id, 'onboarding', 0, 0.8)
    )
    or (
        experiment = 'friendly_limits'
        and variant_index <> {{ plg.fn('cohort') }}(entity_id, 'friendly_limits', [50, 25, 25], 'unleash')
    )
union all
-- Every workspace has a variant of an experiment that takes in every workspace.
select
    memberships.workspace_id,
    'friendly_limits',
    null,
    null
from {{ ref('plg_stg_memberships') }} as memberships
where
    memberships.workspace_id not in (select entity_id from {{ ref('plg_cohorts') }} where experiment = 'friendly_limits')
