{% macro has_source(source) -%}
    {{ return(plg._source_mapping(source) is not none) }}
{%- endmacro %}
