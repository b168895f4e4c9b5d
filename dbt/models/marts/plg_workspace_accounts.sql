{{
    config(
        materialized='incremental', unique_key='workspace_id',
        post_hook="{{ plg._forget_vanished(ref('plg_int_workspaces'), 'workspace_id') }}"
    )
}}
{%- set grain = var('plg_gtm_grain', none) or 'workspace' -%}
{%- if grain not in ['account', 'workspace'] -%}
    {%- do exceptions.raise_compiler_error('plg_gtm_grain must be account or workspace') -%}
{%- endif -%}
with people_counts as (

    select
        workspace_id,
        count(*) as people
    from {{ ref('plg_workspace_people') }}
    group by workspace_id

),

conflict_counts as (

    select
        workspace_id,
        count(*) as conflicts,
        max(case when reason = 'ambiguous' then 1 else 0 end) as ambiguous
    from {{ ref('plg_workspace_account_conflicts') }}
    group by workspace_id

),

mapped as (

    select
        workspace_id,
        {{ plg.field('result', 'account_id', 'string') }} as account_id,
        {{ plg.field('result', 'signal', 'string') }} as signal,
        {{ plg.field('result', 'confidence', 'float') }} as confidence,
        {{ plg.field('result', 'ignored.signals', 'integer') }} as ignored_signals,
        {{ plg.field('result', 'ignored.users', 'integer') }} as ignored_users,
        {{ plg.field('result', 'ignored.domains', 'integer') }} as ignored_domains,
        {{ plg.field('result', 'ignored.exceptions', 'integer') }} as ignored_exceptions,
        {{ plg.field('result', 'ignored.free_mail', 'integer') }} as free_mail
    from {{ ref('plg_int_workspace_account_results') }}

),

computed as (

    select
        mapped.workspace_id,
        mapped.account_id,
        mapped.signal,
        mapped.confidence,
        coalesce(conflict_counts.conflicts, 0) as conflicts,
        coalesce(conflict_counts.ambiguous, 0) = 1 as is_ambiguous,
        workspaces.account_id as declared_account_id,
        workspaces.account_id <> mapped.account_id as differs_from_declared,
        {%- if grain == 'account' %}
        case when mapped.account_id is not null then 'account' else 'workspace' end as gtm_grain,
        coalesce(mapped.account_id, mapped.workspace_id) as gtm_id,
        {%- else %}
        'workspace' as gtm_grain,
        mapped.workspace_id as gtm_id,
        {%- endif %}
        mapped.ignored_signals,
        mapped.ignored_users,
        mapped.ignored_domains,
        mapped.ignored_exceptions,
        mapped.free_mail,
        case
            when people_counts.people > {{ var('plg_account_users', 10000) }}
                then people_counts.people - {{ var('plg_account_users', 10000) }}
            else 0
        end as people_left_out
    from mapped
    inner join {{ ref('plg_int_workspaces') }} as workspaces
        on mapped.workspace_id = workspaces.workspace_id
    left join people_counts
        on mapped.workspace_id = people_counts.workspace_id
    left join conflict_counts
        on mapped.workspace_id = conflict_counts.workspace_id

)

{{ plg._changed_rows('computed', 'workspace_id', [
    'account_id', 'signal', 'confidence', 'conflicts', 'is_ambiguous', 'declared_account_id', 'differs_from_declared',
    'gtm_grain', 'gtm_id', 'ignored_signals', 'ignored_users', 'ignored_domains', 'ignored_exceptions', 'free_mail',
    'people_left_out',
]) }}
