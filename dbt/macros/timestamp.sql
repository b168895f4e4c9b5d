{% macro timestamp(text, name) -%}
    {%- set text = text | string -%}
    {%- if not modules.re.match('^\\d{4}-\\d{2}-\\d{2}[ T]\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z?$', text) -%}
        {%- do exceptions.raise_compiler_error(
            'plg needs ' ~ name ~ ', a UTC timestamp such as 2026-07-01 00:00:00; it is ' ~ text
        ) -%}
    {%- endif -%}
    {{ return(adapter.dispatch('timestamp', 'plg')(text | replace('T', ' ') | replace('Z', ''))) }}
{%- endmacro %}

{% macro default__timestamp(text) -%}
    {{ return("cast('" ~ text ~ "' as timestamp)") }}
{%- endmacro %}

{#- TIMESTAMP is an alias in Snowflake, and the account decides of which type. -#}
{% macro snowflake__timestamp(text) -%}
    {{ return("cast('" ~ text ~ "' as timestamp_ntz)") }}
{%- endmacro %}

{% macro bigquery__timestamp(text) -%}
    {{ return("timestamp '" ~ text ~ "+00'") }}
{%- endmacro %}
