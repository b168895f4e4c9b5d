{{ config(enabled=plg.has_source('usage_pings')) }}
{{
    plg.unnest_result(
        ref('plg_int_usage_pings'),
        keys=['subscription_id', 'month_start', 'pinged_at'],
        result='ping_result',
        path='metrics',
        fields={'metric': 'string', 'period': 'string', 'is_aggregated': 'boolean', 'amount': 'float'}
    )
}}
