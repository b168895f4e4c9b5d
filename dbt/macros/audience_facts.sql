{% macro audience_facts(audience) -%}
    {%- set declared = plg.audiences()[audience] -%}
    {%- set facts = [] -%}
    {%- for condition in (declared.get('exclusions') or []) + declared['levels'] -%}
        {%- set path = 'plg_audiences: ' ~ audience ~ ': ' ~ condition['name'] -%}
        {%- set tree = plg._status_parse(condition['when'], path, alone=true) -%}
        {%- for fact in tree.fields if fact not in facts -%}
            {%- if not modules.re.match('[a-z_][a-z0-9_]*(?![\\s\\S])', fact) -%}
                {%- do exceptions.raise_compiler_error(
                    'plg_audiences: ' ~ audience ~ ': the fact ' ~ fact ~ ' is no plain column name'
                ) -%}
            {%- endif -%}
            {%- do facts.append(fact) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(facts) }}
{%- endmacro %}
