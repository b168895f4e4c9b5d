{% macro as_of() -%}
    {%- set text = var('as_of', none) | string -%}
    {%- if not modules.re.match('^\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z?$', text) -%}
        {%- do exceptions.raise_compiler_error(
            'plg needs the variable as_of, a UTC timestamp such as 2026-07-01 00:00:00; it is ' ~ text
        ) -%}
    {%- endif -%}
    {{ return(adapter.dispatch('as_of', 'plg')(text | replace('T', ' ') | replace('Z', ''))) }}
{%- endmacro %}

{% macro default__as_of(text) -%}
    {{ return("cast('" ~ text ~ "' as timestamp)") }}
{%- endmacro %}

{#- TIMESTAMP is an alias in Snowflake, and the account decides of which type. -#}
{% macro snowflake__as_of(text) -%}
    {{ return("cast('" ~ text ~ "' as timestamp_ntz)") }}
{%- endmacro %}

{% macro bigquery__as_of(text) -%}
    {{ return("timestamp '" ~ text ~ "+00'") }}
{%- endmacro %}
