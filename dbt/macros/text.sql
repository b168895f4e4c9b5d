{% macro text(value) -%}
    {{ return(adapter.dispatch('text', 'plg')(value)) }}
{%- endmacro %}

{% macro default__text(value) -%}
    {{ return("'" ~ value | replace("'", "''") ~ "'") }}
{%- endmacro %}

{#- Snowflake and BigQuery read backslashes as escapes, also in ordinary strings. -#}
{% macro snowflake__text(value) -%}
    {{ return("'" ~ value | replace('\\', '\\\\') | replace("'", "\\'") | replace('\n', '\\n') ~ "'") }}
{%- endmacro %}

{% macro bigquery__text(value) -%}
    {{ return("'" ~ value | replace('\\', '\\\\') | replace("'", "\\'") | replace('\n', '\\n')
        | replace('\r', '\\r') ~ "'") }}
{%- endmacro %}
