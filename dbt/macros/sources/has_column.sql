{% macro has_column(source, column) -%}
    {{ return(column in (plg._source_mapping(source) or {'expressions': {}})['expressions']) }}
{%- endmacro %}
