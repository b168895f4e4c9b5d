{% macro experiments() -%}
    {%- set experiments = var('plg_experiments', none) or {} -%}
    {%- set allowed = ['variants', 'weights', 'method', 'seed', 'coverage', 'namespace', 'range', 'forced', 'unit'] -%}
    {%- set taken = {} -%}
    {%- for name, experiment in experiments.items() -%}
        {%- set fields = [] -%}
        {%- for field in experiment if field not in allowed -%}
            {%- do fields.append(field ~ ' is no field of an experiment') -%}
        {%- endfor -%}
        {%- set variants = experiment.get('variants') or [] -%}
        {%- if variants | length == 0 or variants | unique | list | length < variants | length -%}
            {%- do fields.append('variants must name each variant once') -%}
        {%- endif -%}
        {%- if experiment.get('weights') and experiment['weights'] | length != variants | length -%}
            {%- do fields.append('weights must have a weight for each variant') -%}
        {%- endif -%}
        {%- if experiment.get('method') not in ['growthbook', 'unleash'] -%}
            {%- do fields.append("method must be 'growthbook' or 'unleash'") -%}
        {%- endif -%}
        {%- if experiment.get('unit', 'user') not in ['user', 'workspace'] -%}
            {%- do fields.append('unit must be user or workspace') -%}
        {%- endif -%}
        {%- for variant in experiment.get('forced', {}) if variant not in variants -%}
            {%- do fields.append('forced.' ~ variant ~ ' is no variant') -%}
        {%- endfor -%}
        {%- if (experiment.get('namespace') is none) != (experiment.get('range') is none) -%}
            {%- do fields.append('namespace and range need each other') -%}
        {%- elif experiment.get('range') -%}
            {%- set range = experiment['range'] -%}
            {#- What a namespace is for: no user in two of its experiments. -#}
            {%- for other, other_range in taken.get(experiment['namespace'], {}).items() -%}
                {%- if range[0] < other_range[1] and other_range[0] < range[1] -%}
                    {%- do fields.append('range overlaps with that of ' ~ other ~ ' in the same namespace') -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do taken.setdefault(experiment['namespace'], {}).update({name: range}) -%}
        {%- endif -%}
        {%- if fields -%}
            {%- do exceptions.raise_compiler_error('plg_experiments: ' ~ name ~ '.' ~ fields[0]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(experiments) }}
{%- endmacro %}
