{{
    plg.unnest_result(
        ref('plg_int_journey_results'),
        keys=['workspace_id', 'journey'],
        path='path',
        position='move_number',
        fields={'state': 'string', 'entered_at': 'timestamp', 'cause': 'string'}
    )
}}
