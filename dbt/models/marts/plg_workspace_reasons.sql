{{
    plg.unnest_result(
        ref('plg_int_workspace_results'),
        keys=['workspace_id', 'as_of'],
        path='top_reasons',
        position='reason_rank',
        fields={
            'code': 'string', 'sentence': 'string', 'points': 'float', 'count': 'float', 'last_at': 'timestamp'
        }
    )
}}
