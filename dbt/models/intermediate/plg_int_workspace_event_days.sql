{{
    config(
        materialized='incremental',
        incremental_strategy='insert_overwrite' if target.type == 'bigquery' else 'append',
        partition_by={'field': 'day', 'data_type': 'date'} if target.type == 'bigquery' else none,
        pre_hook="{{ plg._forget_changed_days('workspace_ignored_reason') }}"
    )
}}
{{ plg._event_days(['workspace_id', 'user_id'], 'workspace_ignored_reason') }}
