{#-
    The events that only enrol. Where nobody ever leaves a machine, all of them but the first of a history change nothing
    (docs/semantics.md, "Journeys": they work from outside only), so the others need not be handed over.
-#}
{% macro _journey_enrolments(machine) -%}
    {%- set enrolling = [] -%}
    {%- set other = [] -%}
    {%- set leaves = namespace(anybody=false) -%}
    {%- for state in machine.get('states', []) if state.get('do') == 'leave' -%}
        {%- set leaves.anybody = true -%}
    {%- endfor -%}
    {%- for transition in machine.get('transitions', []) -%}
        {%- set on = transition.get('on', []) -%}
        {%- set on = [on] if on is string else on -%}
        {%- if transition.get('do') == 'leave' -%}
            {%- set leaves.anybody = true -%}
        {%- endif -%}
        {%- if transition.get('do') == 'enrol' and 'when' not in transition -%}
            {%- do enrolling.extend(on) -%}
        {%- else -%}
            {%- do other.extend(on) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return([] if leaves.anybody else enrolling | reject('in', other) | unique | list) }}
{%- endmacro %}

{#- Whether conditions ask for facts of events. -#}
{% macro _journey_asks_for_facts(machine) -%}
    {{ return(machine.get('transitions', []) | selectattr('when', 'defined') | list | length > 0) }}
{%- endmacro %}
