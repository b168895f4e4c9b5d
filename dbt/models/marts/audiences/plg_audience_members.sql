{{ config(unique_key=plg.audience_key()) }}
{{ plg.audience_model() }}
