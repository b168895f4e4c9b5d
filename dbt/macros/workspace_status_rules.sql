{% macro workspace_status_rules() -%}
    {%- set rules -%}
when usage = 0 then 'Inactive'
when usage > entitlement then 'Over its entitlement'
when usage >= 0.8 * entitlement then 'Close to its entitlement'
when is_self_serve is not true and usage > 0 then 'Served by sales'
else 'Within its entitlement'
    {%- endset -%}
    {{ return(var('plg_workspace_status_rules', rules)) }}
{%- endmacro %}
