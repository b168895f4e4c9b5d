{#-
    The environment variable is looked at only when statements are made: dbt parses a whole project again when a variable of
    its own has another value than in the run before, or an environment variable that it has met while parsing.
-#}
{% macro as_of() -%}
    {%- if not execute -%}
        {{ return(plg.timestamp(var('as_of', none) or '1970-01-01 00:00:00', 'the variable as_of')) }}
    {%- endif -%}
    {{ return(plg.timestamp(env_var('PLG_AS_OF', '') or var('as_of', none), 'the variable as_of')) }}
{%- endmacro %}
