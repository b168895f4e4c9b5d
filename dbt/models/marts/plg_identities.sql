{{
    plg.unnest_result(
        ref('plg_int_identity_results'),
        fields={'identifier': 'string', 'canonical_id': 'string'}
    )
}}
