{{ config(unique_key=plg.audience_key(), enabled='overage_email' in plg.audience_levels()) }}
{{ plg.audience_model('overage_email') }}
