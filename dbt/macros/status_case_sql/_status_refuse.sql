{#- Stops with line and column of an offset in a text, both counted from 1. `source` is the text and whose it is. -#}
{% macro _status_refuse(source, at, message) -%}
    {%- set lines = source['text'][:at].split('\n') -%}
    {%- set place = 'line ' ~ lines | length ~ ', column ' ~ (lines[-1] | length + 1) -%}
    {%- do exceptions.raise_compiler_error(source['path'] ~ ': ' ~ place ~ ': ' ~ message) -%}
{%- endmacro %}

{#- Stops because of a token that should have been another one, or that is none. -#}
{% macro _status_expected(source, token, what) -%}
    {%- do plg._status_refuse(source, token['at'], token['fault'] or 'expected ' ~ what) -%}
{%- endmacro %}
