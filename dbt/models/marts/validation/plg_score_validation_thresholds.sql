{{
    plg.unnest_result(
        ref('plg_int_validation_metrics'),
        keys=['as_of'],
        result='thresholds',
        path='thresholds',
        fields={
            'target': 'float', 'score': 'float', 'row_count': 'float', 'positives': 'float', 'conversion_rate': 'float'
        }
    )
}}
