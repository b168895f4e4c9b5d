{% macro audience_levels() -%}
    {%- set levels = {} -%}
    {%- for audience, declared in plg.audiences().items() -%}
        {%- for level in declared['levels'] -%}
            {%- do levels.update({
                level['name']: {
                    'audience_set': audience, 'level': loop.index, 'destination': level['destination'],
                    'within': declared['levels'][loop.index0 - 1]['name'] if loop.index0 else none,
                }
            }) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(levels) }}
{%- endmacro %}
