{% macro journeys() -%}
    {%- set used = ['core_feature_used', 'automation_run', 'report_viewed'] -%}
    {%- set starter = {
        'product': {
            'name': 'product status', 'initial': 'Trying', 're_entry': 'always',
            'states': [
                {'name': 'Trying', 'after_days': 14, 'to': 'Dormant'},
                {'name': 'Activated', 'after_days': 14, 'to': 'Dormant'},
                {'name': 'At its limits', 'after_days': 14, 'to': 'Activated'},
                {'name': 'Dormant', 'after_days': 60, 'do': 'leave'},
            ],
            'transitions': [
                {'on': ['workspace_created', 'key_action_completed'] + used, 'do': 'enrol'},
                {'on': 'workspace_downgraded', 'from': '*', 'to': 'Dormant'},
                {'on': 'usage_limit_hit', 'from': ['Trying', 'Activated', 'Dormant'], 'to': 'At its limits'},
                {'on': ['key_action_completed', 'first_value_delivered'], 'from': ['Trying', 'Dormant'], 'to': 'Activated'},
                {'on': used, 'from': 'Dormant', 'to': 'Activated'},
                {'on': used, 'do': 'restart'},
            ],
        },
        'sales': {
            'name': 'sales status', 'initial': 'Lead', 're_entry': 'always',
            'states': [
                {'name': 'Lead'},
                {'name': 'Interested', 'after_days': 14, 'to': 'Lead'},
                {'name': 'In contact', 'after_days': 30, 'to': 'Nurture'},
                {'name': 'Opportunity'},
                {'name': 'Nurture'},
            ],
            'transitions': [
                {'on': ['workspace_created', 'key_action_completed'] + used, 'do': 'enrol'},
                {'on': 'opportunity_opened', 'to': 'Opportunity'},
                {'on': 'opportunity_closed', 'from': 'Opportunity', 'to': 'Nurture'},
                {'on': 'sales_activity_started', 'from': ['Lead', 'Interested', 'Nurture'], 'to': 'In contact'},
                {'on': 'upgrade_click', 'from': ['Lead', 'Nurture'], 'to': 'Interested'},
                {
                    'on': 'pricing_page_view', 'from': ['Lead', 'Nurture'], 'to': 'Interested',
                    'when': "role in ('workspace_admin', 'manager')",
                },
            ],
        },
    } -%}
    {{ return(var('plg_journeys', none) or starter) }}
{%- endmacro %}
