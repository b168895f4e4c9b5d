{% macro status(facts, rules) -%}
    {%- if var('plg_status_by', 'function') == 'case' -%}
        {{ return(plg.status_case_sql(rules)) }}
    {%- endif -%}
    {{ return(plg.fn('status_case') ~ '(' ~ plg.facts(facts) ~ ', ' ~ plg.text(rules) ~ ', ' ~ plg.as_of() ~ ')') }}
{%- endmacro %}
