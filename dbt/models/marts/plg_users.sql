{{
    config(
        materialized='incremental', unique_key='person_id',
        post_hook="{{ plg._forget_vanished(ref('plg_int_user_people'), 'person_id') }}"
    )
}}
{%- set texts = ['title', 'department', 'seniority', 'persona'] -%}
{%- set flags = ['is_student', 'is_in_target_function'] -%}
{%- set newest = 'case when users.updated_at is null then 1 else 0 end, users.updated_at desc, users.user_id' -%}
-- One row per person. Where a person's ids say different things, the one that changed last counts.
with ids as (

    select
        people.person_id,
        count(*) as user_ids,
        min(people.user_id) as user_id
    from {{ ref('plg_int_user_people') }} as people
    group by people.person_id

),

facts as (

    select
        people.person_id,
        {%- for column in texts + flags %}
        users.{{ column }},
        row_number() over (
            partition by people.person_id order by case when users.{{ column }} is null then 1 else 0 end, {{ newest }}
        ) as {{ column }}_rank{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_int_user_people') }} as people
    inner join {{ ref('plg_stg_users') }} as users
        on people.user_id = users.user_id

),

properties as (

    select
        person_id,
        {%- for column in texts %}
        max(case when {{ column }}_rank = 1 then {{ column }} end) as {{ column }},
        {%- endfor %}
        {%- for column in flags %}
        max(case when {{ column }}_rank = 1 and {{ column }} then 1 when {{ column }}_rank = 1 and not {{ column }} then 0 end)
        = 1 as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from facts
    group by person_id

),

-- The address at work before others, a mailbox that nobody alone reads after them.
addresses as (

    select
        person_id,
        email,
        email_domain,
        email_kind,
        row_number() over (
            partition by person_id
            order by
                case email_kind when 'shared_inbox' then 3 when 'personal' then 2 when 'disposable' then 4 else 1 end,
                case when changed_at is null then 1 else 0 end,
                changed_at desc,
                email
        ) as best_first
    from {{ ref('plg_int_person_addresses') }}
    where email is not null

),

address_counts as (

    select
        person_id,
        count(distinct email) as emails
    from {{ ref('plg_int_person_addresses') }}
    group by person_id

),

contacts as (

    select
        person_id,
        contact_id,
        match_status,
        row_number() over (
            partition by person_id
            order by
                case match_status when 'exact' then 1 when 'alias' then 2 else 3 end,
                case when changed_at is null then 1 else 0 end,
                changed_at desc,
                contact_id
        ) as best_first
    from {{ ref('plg_int_person_addresses') }}
    where contact_id is not null

),

contact_counts as (

    select
        person_id,
        count(distinct contact_id) as contacts
    from {{ ref('plg_int_person_addresses') }}
    group by person_id

),

admins as (

    select
        person_id,
        max(case when is_workspace_admin then 1 else 0 end) as is_admin
    from {{ ref('plg_workspace_people') }}
    group by person_id

),

seen as (

    select
        canonical_id as person_id,
        min(first_seen) as first_seen,
        max(last_seen) as last_seen
    from {{ ref('plg_identities') }}
    group by canonical_id

),

computed as (

    select
        ids.person_id,
        ids.user_id,
        ids.user_ids,
        addresses.email as primary_email,
        addresses.email_domain,
        addresses.email_kind,
        coalesce(address_counts.emails, 0) as emails,
        roles.role as product_role,
        roles.weight as buying_role_weight,
        properties.title,
        properties.department,
        properties.seniority,
        properties.persona,
        properties.is_student,
        properties.is_in_target_function,
        coalesce(admins.is_admin, 0) = 1 as is_workspace_admin,
        coalesce({{ plg.field('accounts.result', 'account_id', 'string') }}, homes.declared_account_id) as account_id,
        {{ plg.field('accounts.result', 'workspace_id', 'string') }} as home_workspace_id,
        coalesce({{ plg.field('accounts.result', 'active_days', 'integer') }}, 0) as active_days_28d,
        coalesce({{ plg.field('accounts.result', 'workspaces', 'integer') }}, 0) as workspaces,
        contacts.contact_id,
        contacts.match_status as contact_status,
        coalesce(contact_counts.contacts, 0) as contacts,
        seen.first_seen,
        seen.last_seen
    from ids
    left join properties
        on ids.person_id = properties.person_id
    left join addresses
        on ids.person_id = addresses.person_id and addresses.best_first = 1
    left join address_counts
        on ids.person_id = address_counts.person_id
    left join contacts
        on ids.person_id = contacts.person_id and contacts.best_first = 1
    left join contact_counts
        on ids.person_id = contact_counts.person_id
    left join {{ ref('plg_int_person_roles') }} as roles
        on ids.person_id = roles.person_id
    left join {{ ref('plg_int_person_account_results') }} as accounts
        on ids.person_id = accounts.person_id
    left join {{ ref('plg_workspace_accounts') }} as homes
        on {{ plg.field('accounts.result', 'workspace_id', 'string') }} = homes.workspace_id
    left join admins
        on ids.person_id = admins.person_id
    left join seen
        on ids.person_id = seen.person_id

)

{{ plg._changed_rows('computed', 'person_id', [
    'user_id', 'user_ids', 'primary_email', 'email_domain', 'email_kind', 'emails', 'product_role', 'buying_role_weight',
    'title', 'department', 'seniority', 'persona', 'is_student', 'is_in_target_function', 'is_workspace_admin', 'account_id',
    'home_workspace_id', 'active_days_28d', 'workspaces', 'contact_id', 'contact_status', 'contacts', 'first_seen',
    'last_seen',
]) }}
