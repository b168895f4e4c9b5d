{#- The account of a row of plg_workspace_accounts: the one that signals have found, else the declared one. -#}
{% macro _account_of(accounts) -%}
    {{ return('coalesce(' ~ accounts ~ '.account_id, ' ~ accounts ~ '.declared_account_id)') }}
{%- endmacro %}

{#-
    For a pre-hook of plg_daily_activity: forgets workspaces that have another account than their rows say, and both
    accounts, which all get their rows anew.
-#}
{% macro _forget_moved_workspaces(workspace_accounts) -%}
    {%- if is_incremental() -%}
        {%- set moved -%}
            from (
                select entity_id, account_id from {{ this }} where grain = 'workspace' group by entity_id, account_id
            ) as held
            left join {{ workspace_accounts }} as accounts
                on held.entity_id = accounts.workspace_id
            where coalesce(held.account_id, '') <> coalesce({{ plg._account_of('accounts') }}, '')
        {%- endset -%}
        delete from {{ this }}
        where
            (grain = 'workspace' and entity_id in (select held.entity_id {{ moved }}))
            or (
                grain = 'account'
                and entity_id in (
                    select held.account_id {{ moved }} and held.account_id is not null
                    union all
                    select {{ plg._account_of('accounts') }} {{ moved }} and {{ plg._account_of('accounts') }} is not null
                )
            )
    {%- else -%}
        select 1 as nothing
    {%- endif -%}
{%- endmacro %}
