-- Everything that map_account is asked about each workspace, one row per element of its lists.
with people as (

    select
        workspace_id,
        person_id,
        row_number() over (partition by workspace_id order by person_id) as person_number
    from {{ ref('plg_workspace_people') }}

),

users as (

    select distinct
        people.workspace_id,
        people.person_id,
        addresses.email_domain,
        addresses.email_kind,
        addresses.account_id
    from people
    inner join {{ ref('plg_int_person_addresses') }} as addresses
        on people.person_id = addresses.person_id
    where people.person_number <= {{ var('plg_account_users', 10000) }}

),

exceptions as (

    select
        exceptions.workspace_id,
        exceptions.exception_kind,
        emails.email_domain,
        exceptions.account_id,
        exceptions.domain_text is not null as names_domain
    from {{ ref('plg_stg_account_exceptions') }} as exceptions
    left join {{ ref('plg_int_emails') }} as emails
        on {{ plg.email_address('exceptions.domain_text') }} = emails.email_text

),

workspace_domains as (

    select workspace_id, email_domain from {{ ref('plg_int_workspace_signal_domains') }} where email_domain is not null
    union distinct
    select workspace_id, email_domain from users where email_domain is not null

)

select
    workspace_id,
    'signal' as part,
    signal as name,
    email_domain,
    email_kind,
    cast(null as {{ plg.type_name('string') }}) as account_id
from {{ ref('plg_int_workspace_signal_domains') }}

union all

select
    workspace_id,
    'user' as part,
    person_id as name,
    email_domain,
    email_kind,
    account_id
from users

union all

select distinct
    workspace_domains.workspace_id,
    'domain' as part,
    cast(null as {{ plg.type_name('string') }}) as name,
    emails.email_domain,
    cast(null as {{ plg.type_name('string') }}) as email_kind,
    owners.account_id
from {{ ref('plg_stg_account_domains') }} as owners
inner join {{ ref('plg_int_emails') }} as emails
    on {{ plg.email_address('owners.domain_text') }} = emails.email_text
inner join workspace_domains
    on emails.email_domain = workspace_domains.email_domain

union all

-- An exception with a domain that is none must not become one of the whole workspace.
select
    workspace_id,
    'exception' as part,
    case when names_domain and email_domain is null then 'no domain' else exception_kind end as name,
    email_domain,
    cast(null as {{ plg.type_name('string') }}) as email_kind,
    account_id
from exceptions
where workspace_id is not null

union all

-- One without a workspace is about a domain, wherever it occurs.
select
    workspace_domains.workspace_id,
    'exception' as part,
    exceptions.exception_kind as name,
    exceptions.email_domain,
    cast(null as {{ plg.type_name('string') }}) as email_kind,
    exceptions.account_id
from exceptions
inner join workspace_domains
    on exceptions.email_domain = workspace_domains.email_domain
where exceptions.workspace_id is null
