-- The model holds its routing.
select
    scores.workspace_id,
    scores.as_of,
    {{ plg.fn('route') }}(
        {{ plg.facts({
            'score': 'scores.total',
            'stage': 'scores.stage',
            'previous_stage': 'scores.previous_stage',
            'icp_tier': 'scores.fit_tier',
            'icp_score': 'scores.fit_score',
            'type': 'scores.type',
            'flags': 'scores.flags',
            'next_best_action': 'scores.next_best_action',
            'next_best_action_channel': 'scores.next_best_action_channel',
            'last_high_intent_at': 'scores.last_high_intent_at',
            'is_gate_open': 'scores.is_gate_open',
            'is_paid': 'signals.is_paid',
            'has_admin': 'signals.has_admin',
            'has_buyer': 'signals.has_buyer',
            'pricing_page_views_7d': 'signals.pricing_page_views_7d',
            'upgrade_clicks_7d': 'signals.upgrade_clicks_7d',
            'usage_limit_hits_30d': 'signals.usage_limit_hits_30d',
            'seat_growth_30d': 'signals.seat_growth_30d',
            'seats': 'signals.seats',
            'wau': 'signals.wau',
            'trial_days_remaining': 'signals.trial_days_remaining',
            'last_active_at': 'signals.last_active_at',
            'segment': 'signals.segment',
            'account_ae': 'signals.account_ae',
        }) | indent(8) }},
        {{ plg.text(plg.score_model()) }},
        scores.as_of
    ) as result
from {{ ref('plg_workspace_scores') }} as scores
inner join {{ ref('plg_workspace_signals') }} as signals
    on scores.workspace_id = signals.workspace_id
