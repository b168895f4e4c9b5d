{{
    plg.unnest_result(
        ref('plg_int_funnel_results'),
        keys=['entity_id', 'funnel'],
        path='steps',
        position='step_number',
        fields={
            'step': 'string', 'event': 'string', 'reached_at': 'timestamp', 'seconds_from_start': 'float',
            'seconds_from_previous': 'float'
        }
    )
}}
