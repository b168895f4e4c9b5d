{#-
    An account that a domain gave owns the domain, alone unless somebody pinned it; one that has no such reason is a guess.
    Free-mail gives none.
-#}
{% test account_is_owner(model, account_rows, free_kinds=none) %}
{%- set free_kinds = free_kinds or (var('plg_account_mapping', none) or {}).get('free_kinds') or ['personal', 'disposable'] %}

with asked as (

    select
        workspace_id,
        part,
        name,
        email_domain,
        email_kind,
        account_id
    from {{ account_rows }}

),

-- Whose each domain is: by pins where there are any, else by the table and the links.
pinned as (

    select distinct
        workspace_id,
        email_domain
    from asked
    where part = 'exception' and name = 'pin' and email_domain is not null and account_id is not null

),

owners as (

    select distinct
        asked.workspace_id,
        asked.email_domain,
        asked.account_id
    from asked
    left join pinned
        on asked.workspace_id = pinned.workspace_id and asked.email_domain = pinned.email_domain
    where
        asked.account_id is not null
        and asked.email_domain is not null
        and (
            (asked.part = 'domain' and pinned.email_domain is null)
            or (asked.part = 'exception' and asked.name in ('pin', 'link'))
        )

),

sole_owners as (

    select
        workspace_id,
        email_domain,
        min(account_id) as account_id
    from owners
    group by workspace_id, email_domain
    having count(*) = 1

),

reasons as (

    select
        asked.workspace_id,
        sole_owners.account_id,
        case when asked.part = 'signal' then asked.name else 'user_domain' end as signal
    from asked
    inner join sole_owners
        on asked.workspace_id = sole_owners.workspace_id and asked.email_domain = sole_owners.email_domain
    where
        asked.part in ('signal', 'user')
        and (asked.email_kind is null or asked.email_kind not in ({{ plg.text_list(free_kinds) }}))

    union all

    select
        workspace_id,
        account_id,
        'crm_contact' as signal
    from asked
    where (part = 'user' or (part = 'exception' and name = 'link' and email_domain is null)) and account_id is not null

    union all

    select
        workspace_id,
        account_id,
        'pin' as signal
    from asked
    where part = 'exception' and name = 'pin' and email_domain is null and account_id is not null

)

select
    accounts.workspace_id,
    accounts.account_id,
    accounts.signal
from {{ model }} as accounts
left join reasons
    on
        accounts.workspace_id = reasons.workspace_id
        and accounts.account_id = reasons.account_id
        and accounts.signal = reasons.signal
where
    (accounts.account_id is not null and reasons.account_id is null)
    or (accounts.account_id is null) <> (accounts.signal is null)
    or (accounts.account_id is null) <> (accounts.confidence is null)

{% endtest %}
