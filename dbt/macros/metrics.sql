{% macro metrics(grain) -%}
    {%- set core = plg.signal_events('core') -%}
    {%- set key_features = plg.signal_events('key_features') -%}
    {%- set segments = [
        {'name': 'power', 'at_least': 100}, {'name': 'regular', 'at_least': 20}, {'name': 'light', 'at_least': 1},
        {'name': 'none', 'at_least': 0},
    ] -%}
    {#- Of any number of people, and of one. -#}
    {%- set many = [
        {'name': 'active_users_7d', 'kind': 'users', 'days': 7},
        {'name': 'active_users_28d', 'kind': 'users', 'days': 28},
        {
            'name': 'active_user_ratio', 'kind': 'ratio', 'numerator': 'active_users_7d',
            'denominator': 'active_users_28d',
        },
        {'name': 'active_user_growth_28d', 'kind': 'growth', 'metric': 'active_users_28d', 'over_days': 28},
        {'name': 'active_user_growth_rate_7d', 'kind': 'growth_rate', 'metric': 'active_users_7d', 'over_days': 7},
        {'name': 'power_users_28d', 'kind': 'power_users', 'events': key_features, 'days': 28},
        {'name': 'core_users_28d', 'kind': 'users', 'events': core, 'days': 28},
        {
            'name': 'automation_users_28d', 'kind': 'users', 'events': plg.signal_events('automation'), 'days': 28,
            'use_case': 'automation', 'north_star': true,
        },
        {
            'name': 'has_integration', 'kind': 'indicator',
            'events': plg.signal_events('integration_installed'),
        },
    ] -%}
    {%- set one = [
        {'name': 'is_power_user_28d', 'kind': 'power_users', 'events': key_features, 'days': 28},
        {
            'name': 'has_automated', 'kind': 'indicator', 'events': plg.signal_events('automation'),
            'use_case': 'automation', 'north_star': true,
        },
    ] -%}
    {%- set all = [
        {'name': 'active_days_28d', 'kind': 'active_days', 'days': 28},
        {'name': 'events_7d', 'kind': 'events', 'days': 7},
        {'name': 'volume_change_ratio_7d', 'kind': 'change_ratio', 'metric': 'events_7d', 'over_days': 7},
        {
            'name': 'core_actions_28d', 'kind': 'events', 'events': core, 'days': 28, 'use_case': 'core',
            'north_star': true, 'segments': segments,
        },
        {'name': 'invites_sent', 'kind': 'events', 'events': plg.signal_events('invite_sent')},
        {'name': 'core_actions_7d', 'kind': 'events', 'events': core, 'days': 7},
        {'name': 'core_trend_8w', 'kind': 'trend', 'metric': 'core_actions_7d', 'points': 8, 'every_days': 7},
    ] -%}
    {%- set grains = {'workspace': many + all, 'user': one + all, 'account': many + all} -%}
    {%- if grain not in grains -%}
        {%- do exceptions.raise_compiler_error(
            'plg.metrics: the grain is one of workspace, user and account, not ' ~ grain
        ) -%}
    {%- endif -%}
    {%- set declared = var('plg_metrics', none) or {} -%}
    {%- for other in declared if other not in grains -%}
        {%- do exceptions.raise_compiler_error('plg_metrics: ' ~ other ~ ' is none of workspace, user and account') -%}
    {%- endfor -%}
    {%- do grains.update(declared) -%}
    {%- for metric in grains[grain] -%}
        {#- Names become columns. -#}
        {%- if not modules.re.match('[a-z][a-z0-9_]*$', metric.get('name') or '') -%}
            {%- do exceptions.raise_compiler_error(
                'plg_metrics: ' ~ grain ~ '[' ~ loop.index0 ~ '].name must be small letters, digits and underscores'
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(grains[grain]) }}
{%- endmacro %}
