{% macro milestones() -%}
    {%- set key_action = {'events': plg.signal_events('activation')} -%}
    {%- set second_user = {'event': 'new_active_user_day', 'users': 2} -%}
    {%- set habit = plg.habit() -%}
    {%- set starter = {
        'start': {'event': 'workspace_begun'},
        'milestones': [
            {'name': 'key action completed', 'events': plg.signal_events('activation')},
            {'name': 'teammate invited', 'events': plg.signal_events('invite_sent')},
            {'name': 'integration installed', 'events': plg.signal_events('integration_installed')},
            {'name': 'second active user', 'event': 'new_active_user_day', 'users': 2},
            {'name': 'activated', 'all': [second_user, key_action]},
            {
                'name': 'habit reached', 'events': plg.signal_events('core'), 'periods': habit['days'],
                'frequency': 'daily', 'within': habit['within_days'],
            },
        ],
        'setup': ['key action completed', 'teammate invited', 'integration installed'],
        'activation': {'primary': 'activated', 'secondary': ['second active user', 'integration installed']},
        'habit': 'habit reached',
    } -%}
    {{ return(var('plg_milestones', none) or starter) }}
{%- endmacro %}
