{% macro funnels() -%}
    {%- set starter = {
        'activation': {
            'window': {'days': 30},
            'steps': [
                {'name': 'workspace_created', 'event': 'workspace_created'},
                {'name': 'key_action_completed', 'event': 'key_action_completed'},
                {'name': 'first_value_delivered', 'event': 'first_value_delivered'},
                {'name': 'invite_sent', 'event': 'invite_sent'},
            ],
        },
    } -%}
    {%- set funnels = var('plg_funnels', none) or starter -%}
    {%- for name, funnel in funnels.items() -%}
        {%- for field in funnel if field not in ['steps', 'window', 'since', 'experiment'] -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.' ~ field ~ ' is no field of a funnel') -%}
        {%- endfor -%}
        {%- if not funnel.get('steps') -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.steps is missing') -%}
        {%- endif -%}
        {%- if funnel.get('experiment') and funnel['experiment'] not in plg.experiments() -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.experiment is none of plg_experiments') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(funnels) }}
{%- endmacro %}
