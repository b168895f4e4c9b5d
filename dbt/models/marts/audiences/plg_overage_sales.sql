{{ config(unique_key=plg.audience_key(), enabled='overage_sales' in plg.audience_levels()) }}
{{ plg.audience_model('overage_sales') }}
