{#-
    The facts of conditions about a company that no workspace is looked at with: what only workspaces have is unknown. Types
    are those of plg_workspace_signals.
-#}
{% macro _account_facts(accounts) -%}
    {%- set of_accounts = [
        'employee_count', 'industry', 'hq_region', 'uses_data_warehouse', 'has_business_domain', 'segment', 'account_ae',
    ] -%}
    {%- set types = {
        'type': 'string', 'activation_path': 'string', 'created_at': 'timestamp', 'first_key_action_at': 'timestamp',
        'first_invite_sent_at': 'timestamp', 'first_integration_installed_at': 'timestamp',
        'habit_reached_at': 'timestamp', 'last_active_at': 'timestamp', 'crm_connected': 'boolean',
        'data_warehouse_export_enabled': 'boolean', 'is_paid': 'boolean', 'has_admin': 'boolean', 'has_buyer': 'boolean',
    } -%}
    {%- set facts = {} -%}
    {%- for fact in plg._signal_facts() -%}
        {%- do facts.update({
            fact: accounts ~ '.' ~ fact if fact in of_accounts
            else 'cast(null as ' ~ plg.type_name(types.get(fact, 'float')) ~ ')'
        }) -%}
    {%- endfor -%}
    {{ return(plg.facts(facts)) }}
{%- endmacro %}
