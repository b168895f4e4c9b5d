{{
    plg.unnest_result(
        ref('plg_int_validation_metrics'),
        keys=['as_of'],
        result='calibration',
        path='bins',
        fields={
            'lower_bound': 'float', 'upper_bound': 'float', 'row_count': 'float', 'mean_predicted': 'float',
            'observed_share': 'float'
        }
    )
}}
