{% macro masked(column, kind, keep=1) -%}
    {%- if kind == 'email' -%}
        {%- set call = plg.fn('mask_email') ~ '(' ~ column ~ ')' -%}
    {%- elif kind == 'ip' -%}
        {%- set call = plg.fn('mask_ip') ~ '(' ~ column ~ ')' -%}
    {%- elif kind == 'text' -%}
        {%- set call = plg.fn('mask_text') ~ '(' ~ column ~ ', ' ~ keep ~ ')' -%}
    {%- elif kind == 'pseudonym' -%}
        {%- set key = var('plg_pseudonym_key', none) -%}
        {%- if not key -%}
            {%- do exceptions.raise_compiler_error(
                'plg.masked: a pseudonym needs the variable plg_pseudonym_key, an SQL expression that gives the key'
            ) -%}
        {%- endif -%}
        {%- set call = plg.fn('pseudonym') ~ '(' ~ column ~ ', ' ~ key ~ ')' -%}
    {%- else -%}
        {%- do exceptions.raise_compiler_error(
            'plg.masked: the kind is one of email, ip, text and pseudonym, not ' ~ kind
        ) -%}
    {%- endif -%}
    {{ return(call) }}
{%- endmacro %}
