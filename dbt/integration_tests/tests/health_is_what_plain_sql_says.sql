-- The shipped definition once more, as a CASE per measure and the weights written out.
{%- set measures = [
    ('core_use', 'core_feature_days_used_14d', 2, '>=', 6, 2), ('core_use', 'key_feature_adoption_ratio', 1, '>=', 0.5, 0.2),
    ('core_use', 'wau_mau_ratio', 1, '>=', 0.6, 0.3), ('collaboration', 'active_seats_7d', 2, '>=', 4, 2),
    ('collaboration', 'invites_sent_14d', 1, '>=', 2, 1), ('collaboration', 'seat_growth_30d', 1, '>=', 1, 0),
    ('automation', 'automation_runs_7d', 1, '>=', 5, 1), ('automation', 'integration_installed_count', 1, '>=', 1, 1),
    ('capacity', 'usage_limit_hits_30d', 1, '<=', 0, 2), ('capacity', 'api_rate_limit_hits_7d', 1, '<=', 0, 5),
] %}
with measured as (

    {%- for use_case, measure, weight, reaches, green, yellow in measures %}
    select
        workspace_id,
        '{{ use_case }}' as use_case,
        {{ weight }} as weight,
        case
            when {{ measure }} {{ reaches }} {{ green }} then 88
            when {{ measure }} {{ reaches }} {{ yellow }} then 63
            when {{ measure }} is not null then 25
        end as points
    from {{ ref('plg_workspace_signals') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

use_cases as (

    select
        workspace_id,
        use_case,
        round(sum(weight * points) / sum(weight) filter (where points is not null), 6) as score,
        count(*) filter (where points is null) as missing
    from measured
    group by workspace_id, use_case

),

whole as (

    select
        workspace_id,
        sum(score * if(use_case = 'core_use', 2, 1)) / sum(if(use_case = 'core_use', 2, 1)) filter (where score is not null)
            as score
    from use_cases
    group by workspace_id

),

expected as (

    select
        use_cases.workspace_id,
        use_cases.use_case,
        use_cases.score,
        case
            when use_cases.score <= 50 then 'Red' when use_cases.score <= 75 then 'Yellow' when use_cases.score > 75 then 'Green'
        end as colour,
        use_cases.missing,
        round(whole.score, 6) as workspace_score
    from use_cases
    inner join whole
        on use_cases.workspace_id = whole.workspace_id

)

select *
from expected
full join {{ ref('plg_use_case_health') }} as health
    on expected.workspace_id = health.workspace_id and expected.use_case = health.use_case
where
    expected.workspace_id is null
    or health.workspace_id is null
    or expected.colour is distinct from health.colour
    or expected.missing <> health.missing
    or (expected.score is null) <> (health.score is null)
    -- Both are rounded to millionths, each in its own way.
    or abs(expected.score - health.score) > 1e-9
    or abs(expected.workspace_score - health.workspace_score) > 1e-9
