{% macro health_measures() -%}
    {%- set expressions = var('plg_health_measures', none) or {} -%}
    {%- set measures = {} -%}
    {%- for use_case in fromjson(plg.health_definition())['use_cases'] -%}
        {%- for item in use_case['measures'] if item['measure'] not in measures -%}
            {%- set measure = item['measure'] -%}
            {%- if not modules.re.match('[a-z_][a-z0-9_]*(?![\\s\\S])', measure) -%}
                {%- do exceptions.raise_compiler_error('plg_health: the measure ' ~ measure ~ ' is no plain name') -%}
            {%- endif -%}
            {%- do measures.update({measure: expressions.get(measure, 'signals.' ~ measure)}) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for measure in expressions if measure not in measures -%}
        {%- do exceptions.raise_compiler_error('plg_health_measures: plg_health has no measure ' ~ measure) -%}
    {%- endfor -%}
    {{ return(measures) }}
{%- endmacro %}
