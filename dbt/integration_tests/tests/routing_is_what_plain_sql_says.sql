-- The shipped rules, written once more as plain SQL.
with facts as (

    select
        scores.workspace_id,
        scores.total as score,
        coalesce(signals.is_paid, false) as is_paid,
        coalesce(scores.fit_tier in ('A', 'B'), false) as fits,
        coalesce(scores.fit_tier = 'A', false) as fits_best,
        coalesce(signals.has_admin, false)
        or signals.pricing_page_views_7d > 0
        or signals.upgrade_clicks_7d > 0
        or coalesce(signals.seat_growth_30d > 0.2 * signals.seats, false) as has_reason,
        coalesce(scores.last_high_intent_at >= scores.as_of - interval 14 days, false) as is_ripe,
        coalesce(
            signals.last_active_at >= scores.as_of - interval 30 minutes and scores.next_best_action_channel = 'in_app',
            false
        ) as is_there,
        coalesce(signals.segment = 'enterprise', false) as is_enterprise,
        signals.account_ae
    from {{ ref('plg_workspace_scores') }} as scores
    inner join {{ ref('plg_workspace_signals') }} as signals
        on scores.workspace_id = signals.workspace_id

),

routes as (

    select
        *,
        case
            when is_paid and score >= 70 then 'expansion'
            when score >= 80 and fits and has_reason and is_ripe then 'sales'
            when score >= 60 then 'lifecycle'
            when score >= 50 then 'warm'
            else 'nurture'
        end as route,
        case when is_there then ', in_app' else '' end as in_app
    from facts

),

expected as (

    select
        *,
        case route
            when 'expansion' then 'csm_expansion'
            when 'sales' then 'sdr'
            when 'lifecycle'
                then
                    'lifecycle_email' || in_app
                    || case when score >= 65 and fits_best and is_ripe then ', sdr_light_touch' else '' end
            when 'warm' then 'nurture' || in_app
            else 'nurture'
        end as destinations,
        case
            when route = 'expansion' and is_enterprise then 'AE'
            when route = 'expansion' then 'CSM'
            when account_ae is not null then 'AE'
            when is_enterprise and score >= 80 then 'SDR with AE assist'
            else 'SDR pool'
        end as owner_team,
        case when owner_team = 'AE' then account_ae end as owner
    from routes

)

select
    expected.workspace_id,
    expected.route,
    expected.destinations,
    expected.owner_team
from expected
inner join {{ ref('plg_routing') }} as routing
    on expected.workspace_id = routing.workspace_id
left join (
    select workspace_id, count(*) as destinations
    from {{ ref('plg_routing_destinations') }}
    group by workspace_id
) as listed
    on expected.workspace_id = listed.workspace_id
where
    routing.route is distinct from expected.route
    or routing.destinations is distinct from expected.destinations
    or routing.owner_team is distinct from expected.owner_team
    or routing.owner is distinct from expected.owner
    or listed.destinations is distinct from len(string_split(expected.destinations, ', '))
