{% macro as_of() -%}
    {{ return(plg.timestamp(var('as_of', none), 'the variable as_of')) }}
{%- endmacro %}
