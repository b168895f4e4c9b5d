{{
    plg.unnest_result(
        ref('plg_int_user_results'),
        keys=['user_id'],
        path='top_reasons',
        position='reason_rank',
        fields={
            'code': 'string', 'sentence': 'string', 'points': 'float', 'count': 'float', 'last_at': 'timestamp'
        }
    )
}}
