{#-
    What plg_trust is made of. A check is a query of one row: what was found beside what is expected, and how both are to
    compare: 'equal', 'at_least' or 'at_most'. `severity` is the status of a check that does not hold: fail or warn.
-#}
{% macro _trust_check(name, subject, kind, observed, comparison, expected, severity, of='', texts=none) -%}
    {%- set texts = texts or ['null', 'null'] -%}
    select
        {{ plg.text(name) }} as check_name,
        {{ plg.text(subject) }} as subject,
        {{ plg.text(kind) }} as kind,
        cast({{ observed }} as {{ plg.type_name('float') }}) as observed,
        {{ plg.text(comparison) }} as comparison,
        cast({{ expected }} as {{ plg.type_name('float') }}) as expected,
        cast({{ texts[0] }} as {{ plg.type_name('string') }}) as observed_text,
        cast({{ texts[1] }} as {{ plg.type_name('string') }}) as expected_text,
        {{ plg.text(severity) }} as severity
    {%- if of %}
    from {{ of }}
    {%- endif %}
{%- endmacro %}

{#- Keys of the sources by source, a list of columns each. Memberships are staged without repetitions. -#}
{% macro _trust_keys() -%}
    {{ return({
        'users': ['user_id'], 'workspaces': ['workspace_id'], 'accounts': ['account_id'],
        'subscriptions': ['subscription_id'], 'memberships': ['workspace_id', 'user_id'],
        'opportunities': ['opportunity_id'], 'sales_activities': ['sales_activity_id'], 'crm_contacts': ['contact_id'],
        'signups': ['signup_id'],
    }) }}
{%- endmacro %}

{#- What a source refers to: source, column, and the source with the column of the same name that knows it. -#}
{% macro _trust_relationships() -%}
    {{ return([
        ['memberships', 'user_id', 'users'], ['memberships', 'workspace_id', 'workspaces'],
        ['subscriptions', 'workspace_id', 'workspaces'], ['workspaces', 'account_id', 'accounts'],
        ['opportunities', 'workspace_id', 'workspaces'], ['entitlements', 'workspace_id', 'workspaces'],
    ]) }}
{%- endmacro %}

{#- A condition that a column of a golden record has the value that somebody knows it to have. -#}
{% macro _trust_is_golden(column, value) -%}
    {%- if value is none -%}
        {{ return(column ~ ' is null') }}
    {%- elif value is boolean -%}
        {{ return(column ~ ' = ' ~ value | lower) }}
    {%- elif value is number -%}
        {{ return('cast(' ~ column ~ ' as ' ~ plg.type_name('float') ~ ') = ' ~ value) }}
    {%- endif -%}
    {{ return('cast(' ~ column ~ ' as ' ~ plg.type_name('string') ~ ') = ' ~ plg.text(value | string)) }}
{%- endmacro %}

{#- The conditions of a golden record's key, a mapping of columns to values. -#}
{% macro _trust_golden_key(record) -%}
    {%- set conditions = [] -%}
    {%- for column, value in record['key'].items() -%}
        {%- do conditions.append(plg._trust_is_golden(column, value)) -%}
    {%- endfor -%}
    {{ return(conditions | join(' and ')) }}
{%- endmacro %}

{#- The golden records of plg_golden_records, each held to have the fields that it needs. -#}
{% macro _trust_golden_records() -%}
    {%- set records = var('plg_golden_records', none) or [] -%}
    {%- for record in records -%}
        {%- for field in ['model', 'key', 'column', 'expected'] if field not in record -%}
            {%- do exceptions.raise_compiler_error(
                'plg_golden_records: record ' ~ loop.index ~ ' lacks ' ~ field ~ '; it needs model, key, column and expected'
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(records) }}
{%- endmacro %}
