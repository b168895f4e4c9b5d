{{
    plg.unnest_result(
        ref('plg_int_score_changes'),
        keys=['workspace_id', 'as_of', 'previous_as_of'],
        path='changes',
        position='change_number',
        fields={
            'bucket': 'string', 'code': 'string', 'points_before': 'float', 'points_after': 'float', 'delta': 'float'
        }
    )
}}
