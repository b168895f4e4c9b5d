{% macro score_model() -%}
    {{ return(var('plg_score_model', none) or plg.starter_model()) }}
{%- endmacro %}
