{{
    plg.unnest_result(
        ref('plg_int_workspace_results'),
        keys=['workspace_id', 'as_of'],
        path='components',
        fields={'bucket': 'string', 'points': 'float'}
    )
}}
