{% macro journey_events(machine) -%}
    {%- set events = [] -%}
    {%- for transition in machine.get('transitions', []) -%}
        {%- set on = transition.get('on', []) -%}
        {%- do events.extend([on] if on is string else on) -%}
    {%- endfor -%}
    {{ return(events | unique | list) }}
{%- endmacro %}
