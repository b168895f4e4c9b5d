{%- set experiments = plg.experiments() -%}
{%- set float = plg.type_name('float') -%}
{#- The 99.9 % quantiles of the chi-square distribution with 1 to 9 degrees of freedom. -#}
{%- set critical_values = [
    10.827566170662733, 13.815510557964274, 16.26623619623813, 18.46682695290317, 20.515005652432873,
    22.457744484825323, 24.321886347856854, 26.12448155837614, 27.877164871256568,
] -%}
-- Every variant that is declared, whether it has members or not; the first one is the control.
with variants as (

    {%- for name, experiment in experiments.items() %}
    {%- set last_experiment = loop.last %}
    {%- for variant in experiment['variants'] %}
    select
        {{ plg.text(name) }} as experiment,
        {{ plg.text(experiment.get('unit', 'user')) }} as unit,
        {{ plg.text(variant) }} as variant,
        {{ loop.index0 }} as variant_index,
        cast({{ (experiment.get('weights') or [])[loop.index0] or (0 if experiment.get('weights') else 1) }} as {{ float }}) as weight
    {%- if not (loop.last and last_experiment) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- else %}
    select
        experiment,
        cast(null as {{ plg.type_name('string') }}) as unit,
        variant,
        variant_index,
        cast(null as {{ float }}) as weight
    from {{ ref('plg_cohorts') }}
    where false
    {%- endfor %}

),

funnels as (

    {%- set funnels = [] %}
    {%- for name, funnel in plg.funnels().items() if funnel.get('experiment') %}
    {%- do funnels.append('select ' ~ plg.text(funnel['experiment']) ~ ' as experiment, ' ~ plg.text(name) ~ ' as funnel') %}
    {%- endfor %}
    {{ funnels | join('\n    union all\n    ') if funnels else "select '' as experiment, '' as funnel" }}

),

-- No event is no points, not an unknown score.
entities as (

    select
        'user' as unit,
        activity.user_id as entity_id,
        activity.last_seen,
        coalesce(scores.total, 0) as score
    from {{ ref('plg_user_activity') }} as activity
    left join {{ ref('plg_user_scores') }} as scores
        on activity.user_id = scores.user_id

    union all

    select
        'workspace' as unit,
        activity.workspace_id as entity_id,
        activity.last_seen,
        coalesce(scores.total, 0) as score
    from {{ ref('plg_workspace_activity') }} as activity
    left join {{ ref('plg_workspace_scores') }} as scores
        on activity.workspace_id = scores.workspace_id

),

members as (

    select
        cohorts.entity_id,
        cohorts.experiment,
        cohorts.variant_index,
        entities.last_seen >= cast({{ plg.days_before(27) }} as {{ plg.type_name('timestamp') }}) as is_active,
        -- Multiples of 2^-32: as whole numbers their sum is exact in any order.
        cast(round(coalesce(entities.score, 0) * 4294967296) as {{ plg.type_name('integer') }}) as score_units,
        case
            {%- for name, experiment in experiments.items() %}
            {%- for variant, units in experiment.get('forced', {}).items() if units %}
            when cohorts.experiment = {{ plg.text(name) }} and cohorts.entity_id in ({{ plg.text_list(units) }}) then 1
            {%- endfor %}
            {%- endfor %}
            when false then 1
            else 0
        end as is_forced
    from {{ ref('plg_cohorts') }} as cohorts
    inner join variants
        on cohorts.experiment = variants.experiment and cohorts.variant_index = variants.variant_index
    left join entities
        on variants.unit = entities.unit and cohorts.entity_id = entities.entity_id

),

member_counts as (

    select
        experiment,
        variant_index,
        count(*) as members,
        sum(is_forced) as forced_members,
        sum(case when is_active then 1 else 0 end) as active_members_28d,
        cast(sum(score_units) as {{ float }}) / 4294967296 / count(*) as mean_score
    from members
    group by experiment, variant_index

),

outcomes as (

    select
        funnel,
        variant,
        count(case when steps_reached >= 1 then 1 end) as exposed,
        count(case when converted then 1 end) as converted
    from {{ ref('plg_funnel_results') }}
    where experiment is not null
    group by funnel, variant

),

counts as (

    select
        variants.experiment,
        variants.variant,
        variants.variant_index,
        variants.unit,
        variants.weight,
        funnels.funnel,
        coalesce(member_counts.members, 0) as members,
        coalesce(member_counts.forced_members, 0) as forced_members,
        coalesce(member_counts.active_members_28d, 0) as active_members_28d,
        case when funnels.funnel is not null then coalesce(outcomes.exposed, 0) end as exposed,
        case when funnels.funnel is not null then coalesce(outcomes.converted, 0) end as converted,
        member_counts.mean_score
    from variants
    left join funnels
        on variants.experiment = funnels.experiment
    left join member_counts
        on variants.experiment = member_counts.experiment and variants.variant_index = member_counts.variant_index
    left join outcomes
        on funnels.funnel = outcomes.funnel and variants.variant = outcomes.variant

),

shares as (

    select
        counts.*,
        cast(members - forced_members as {{ float }}) as assigned,
        sum(members - forced_members) over (partition by experiment, funnel)
        * weight / nullif(sum(weight) over (
            partition by experiment, funnel order by variant_index rows between unbounded preceding and unbounded following
        ), 0) as expected,
        count(nullif(weight, 0)) over (partition by experiment, funnel) - 1 as degrees_of_freedom,
        cast(converted as {{ float }}) / nullif(members, 0) as conversion_rate,
        {{ plg.wilson_bound('converted', 'members', 'low') | indent(8) }} as conversion_rate_low,
        {{ plg.wilson_bound('converted', 'members', 'high') | indent(8) }} as conversion_rate_high
    from counts

),

-- Pearson's statistic, in the order of the variants, so that its last digit is always the same.
ratios as (

    select
        shares.*,
        sum((assigned - expected) * (assigned - expected) / nullif(expected, 0)) over (
            partition by experiment, funnel order by variant_index rows between unbounded preceding and unbounded following
        ) as sample_ratio_chi2
    from shares

)

select
    ratios.experiment,
    ratios.funnel,
    ratios.variant,
    ratios.variant_index = 0 as is_control,
    ratios.unit,
    {{ plg.as_of() }} as as_of,
    ratios.members,
    ratios.forced_members,
    ratios.active_members_28d,
    ratios.mean_score,
    ratios.mean_score - controls.mean_score as mean_score_difference,
    ratios.exposed,
    ratios.converted,
    ratios.conversion_rate,
    ratios.conversion_rate_low,
    ratios.conversion_rate_high,
    -- R. G. Newcombe (1998), method 10: the bounds of both rates, combined.
    case when ratios.variant_index > 0 then ratios.conversion_rate - controls.conversion_rate end as difference,
    case
        when ratios.variant_index > 0
            then ratios.conversion_rate - controls.conversion_rate - sqrt(
                (ratios.conversion_rate - ratios.conversion_rate_low) * (ratios.conversion_rate - ratios.conversion_rate_low)
                + (controls.conversion_rate_high - controls.conversion_rate)
                * (controls.conversion_rate_high - controls.conversion_rate)
            )
    end as difference_low,
    case
        when ratios.variant_index > 0
            then ratios.conversion_rate - controls.conversion_rate + sqrt(
                (ratios.conversion_rate_high - ratios.conversion_rate) * (ratios.conversion_rate_high - ratios.conversion_rate)
                + (controls.conversion_rate - controls.conversion_rate_low)
                * (controls.conversion_rate - controls.conversion_rate_low)
            )
    end as difference_high,
    ratios.expected as expected_members,
    case when ratios.degrees_of_freedom > 0 then ratios.sample_ratio_chi2 end as sample_ratio_chi2,
    ratios.degrees_of_freedom,
    case
        {%- for critical_value in critical_values %}
        when ratios.degrees_of_freedom = {{ loop.index }} then ratios.sample_ratio_chi2 > {{ critical_value }}
        {%- endfor %}
    end as is_sample_ratio_off
from ratios
inner join ratios as controls
    on
        ratios.experiment = controls.experiment
        and coalesce(ratios.funnel, '') = coalesce(controls.funnel, '')
        and controls.variant_index = 0
