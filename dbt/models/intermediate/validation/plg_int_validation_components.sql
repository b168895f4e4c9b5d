{{
    plg.unnest_result(
        ref('plg_int_validation_results'),
        keys=['workspace_id', 'as_of'],
        path='components',
        fields={'bucket': 'string', 'points': 'float'}
    )
}}
