{{
    plg.unnest_result(
        ref('plg_int_user_results'),
        keys=['user_id'],
        path='components',
        fields={'bucket': 'string', 'points': 'float'}
    )
}}
