{{
    plg.unnest_result(
        ref('plg_int_validation_metrics'),
        keys=['as_of'],
        result='lift',
        path='deciles',
        fields={
            'decile': 'integer', 'row_count': 'float', 'positives': 'float', 'conversion_rate': 'float', 'lift': 'float',
            'cumulative_share': 'float', 'least_score': 'float', 'greatest_score': 'float'
        }
    )
}}
