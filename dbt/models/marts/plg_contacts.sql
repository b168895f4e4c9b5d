{{
    config(
        materialized='incremental', unique_key='match_key',
        post_hook="{{ plg._forget_vanished(ref('plg_int_contact_matches'), 'match_key') }}"
    )
}}
{{ plg._changed_rows(
    ref('plg_int_contact_matches'), 'match_key', ['matched_from', 'user_id', 'contact_id', 'status']
) }}
