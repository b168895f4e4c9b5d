{% macro audience_document(audience) -%}
    {%- set declared = plg.audiences()[audience] -%}
    {{ return(tojson({
        'name': audience, 'exclusions': declared.get('exclusions') or [], 'levels': declared['levels']
    })) }}
{%- endmacro %}
