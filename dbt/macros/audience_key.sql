{% macro audience_key() -%}
    {{ return(['audience', 'member_id', 'entered_at']) }}
{%- endmacro %}
