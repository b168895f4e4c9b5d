-- Every pair of the sample's workspaces, whether or not they share a block: no pair that has a reason is missed.
with members as (

    select distinct
        workspace_id,
        person_id
    from {{ ref('plg_workspace_people') }}

),

sizes as (

    select
        workspace_id,
        count(*) as people
    from members
    group by workspace_id

),

shared as (

    select
        a.workspace_id as workspace_a,
        b.workspace_id as workspace_b,
        count(*) as people
    from members as a
    inner join members as b
        on a.person_id = b.person_id and a.workspace_id < b.workspace_id
    group by a.workspace_id, b.workspace_id

),

reasons as (

    select distinct
        a.workspace_id as workspace_a,
        b.workspace_id as workspace_b,
        'same_sso_domain' as reason
    from {{ ref('plg_stg_workspace_domains') }} as a
    inner join {{ ref('plg_stg_workspace_domains') }} as b
        on lower(a.sso_domain) = lower(b.sso_domain) and a.workspace_id < b.workspace_id
    union
    select distinct
        a.workspace_id,
        b.workspace_id,
        'same_billing_entity'
    from {{ ref('plg_stg_workspace_domains') }} as a
    inner join {{ ref('plg_stg_workspace_domains') }} as b
        on a.billing_entity = b.billing_entity and a.workspace_id < b.workspace_id
    union
    select
        shared.workspace_a,
        shared.workspace_b,
        'user_overlap'
    from shared
    inner join sizes as a
        on shared.workspace_a = a.workspace_id
    inner join sizes as b
        on shared.workspace_b = b.workspace_id
    where
        shared.people >= 0.5 * (a.people + b.people - shared.people)
        or (shared.people >= 3 and shared.people >= 0.8 * least(a.people, b.people))

),

types as (

    select
        workspace_id,
        case when type in ('sandbox', 'dev') then type else 'none' end as apart
    from {{ ref('plg_stg_workspaces') }}

),

expected as (

    select
        reasons.workspace_a,
        reasons.workspace_b,
        case when any_value(a.apart) = any_value(b.apart) then 'duplicate' else 'environment' end as kind,
        list_sort(list(reason)) as reasons
    from reasons
    inner join types as a
        on reasons.workspace_a = a.workspace_id
    inner join types as b
        on reasons.workspace_b = b.workspace_id
    group by reasons.workspace_a, reasons.workspace_b

)

select *
from expected
full outer join {{ ref('plg_duplicate_workspaces') }} as pairs
    on expected.workspace_a = pairs.workspace_a and expected.workspace_b = pairs.workspace_b
where
    expected.kind is distinct from pairs.kind
    or expected.reasons is distinct from list_sort(string_split(pairs.reasons, ', '))
