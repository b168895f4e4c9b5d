{{
    plg.unnest_result(
        ref('plg_int_handoffs'),
        keys=['workspace_id', 'as_of'],
        path='key_events',
        position='event_rank',
        fields={'event': 'string', 'label': 'string', 'user_id': 'string', 'occurred_at': 'timestamp'}
    )
}}
