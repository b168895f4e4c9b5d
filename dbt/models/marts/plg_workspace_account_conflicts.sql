{{
    plg.unnest_result(
        ref('plg_int_workspace_account_results'),
        keys=['workspace_id'],
        path='conflicts',
        fields={'signal': 'string', 'account_id': 'string', 'reason': 'string'},
        position='conflict_number'
    )
}}
