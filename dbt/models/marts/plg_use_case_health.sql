{{
    plg.unnest_result(
        ref('plg_int_health_results'),
        keys=[
            'workspace_id', 'account_id', 'as_of', 'definition', 'definition_version', 'workspace_score',
            'workspace_colour', 'workspace_known',
        ],
        path='use_cases',
        fields={'use_case': 'string', 'score': 'float', 'colour': 'string', 'known': 'float', 'missing': 'integer'}
    )
}}
