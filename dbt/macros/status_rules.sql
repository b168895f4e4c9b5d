{% macro status_rules() -%}
    {%- set rules -%}
when active_days_28d = 0 then 'Dormant'
when total >= 50 and (plan is null or plan in ('free', 'trial')) then 'Product qualified'
else 'Nurture'
    {%- endset -%}
    {{ return(var('plg_status_rules', rules)) }}
{%- endmacro %}
