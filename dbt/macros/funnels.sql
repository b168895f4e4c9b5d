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
        {%- for field in funnel if field not in ['steps', 'window', 'since', 'experiment', 'entity', 'audience'] -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.' ~ field ~ ' is no field of a funnel') -%}
        {%- endfor -%}
        {%- if not funnel.get('steps') -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.steps is missing') -%}
        {%- endif -%}
        {%- set entity = funnel.get('entity', 'user') -%}
        {%- if entity not in ['user', 'workspace'] -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.entity must be user or workspace') -%}
        {%- endif -%}
        {%- if funnel.get('experiment') -%}
            {%- set experiment = plg.experiments().get(funnel['experiment']) -%}
            {%- if not experiment -%}
                {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.experiment is none of plg_experiments') -%}
            {%- elif experiment.get('unit', 'user') != entity -%}
                {%- do exceptions.raise_compiler_error(
                    'plg_funnels: ' ~ name ~ '.experiment assigns by another unit than the entity of the funnel'
                ) -%}
            {%- endif -%}
        {%- endif -%}
        {%- if funnel.get('audience') and not (funnel['audience'] is mapping and funnel['audience'].get('model')) -%}
            {%- do exceptions.raise_compiler_error('plg_funnels: ' ~ name ~ '.audience.model is missing') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(funnels) }}
{%- endmacro %}
