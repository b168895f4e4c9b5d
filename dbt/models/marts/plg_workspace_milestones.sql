{{
    plg.unnest_result(
        ref('plg_int_milestone_results'),
        keys=['workspace_id'],
        path='milestones',
        position='milestone_number',
        fields={'name': 'string', 'reached_at': 'timestamp', 'hours': 'float', 'is_current': 'boolean'}
    )
}}
