{% macro signal_events(signal) -%}
    {%- set events = {
        'activation': ['key_action_completed'],
        'core': ['core_feature_used'],
        'key_features': ['core_feature_used', 'automation_run', 'report_viewed'],
        'automation': ['automation_run'],
        'invite_sent': ['invite_sent'],
        'invite_accepted': ['invite_accepted'],
        'integration_installed': ['install_integration'],
        'integration_removed': ['uninstall_integration'],
        'crm_connected': ['crm_connected'],
        'data_warehouse_export': ['data_warehouse_export_enabled'],
        'upgrade_click': ['upgrade_click'],
        'pricing_page_view': ['pricing_page_view'],
        'usage_limit': ['usage_limit_hit'],
        'api_rate_limit': ['api_rate_limit_hit'],
    } -%}
    {%- for name in var('plg_signal_events', none) or {} if name not in events -%}
        {%- do exceptions.raise_compiler_error('plg_signal_events: ' ~ name ~ ' is none of ' ~ events | join(', ')) -%}
    {%- endfor -%}
    {%- do events.update(var('plg_signal_events', none) or {}) -%}
    {{ return(events[signal]) }}
{%- endmacro %}
