{{ config(unique_key=plg.audience_key(), enabled='overage_in_app' in plg.audience_levels()) }}
{{ plg.audience_model('overage_in_app') }}
