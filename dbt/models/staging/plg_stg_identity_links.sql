{{ config(materialized='table') }}
-- Every address is normalised once, however many links it has.
with typed as (

    select
        nullif(trim(left_type), '') as left_type,
        nullif(trim(left_value), '') as left_value,
        nullif(trim(right_type), '') as right_type,
        nullif(trim(right_value), '') as right_value,
        first_seen,
        last_seen
    from {{ plg.source_rows('identity_links') }}

),

addresses as (

    select left_value as address from typed where left_type = 'email'
    union distinct
    select right_value as address from typed where right_type = 'email'

),

normal_addresses as (

    select
        address,
        {{ plg.fn('normalize_email') }}(address, {{ plg.text(var('plg_email_aliases', none) or 'keep') }}) as email
    from addresses
    where address is not null

),

normal_links as (

    select
        typed.left_type,
        case when typed.left_type = 'email' then left_addresses.email else typed.left_value end as left_value,
        typed.right_type,
        case when typed.right_type = 'email' then right_addresses.email else typed.right_value end as right_value,
        typed.first_seen,
        typed.last_seen,
        typed.left_value is not null or typed.right_value is not null as has_value,
        (typed.left_type = 'email' and typed.left_value is not null and left_addresses.email is null)
        or (typed.right_type = 'email' and typed.right_value is not null and right_addresses.email is null) as has_no_address
    from typed
    left join normal_addresses as left_addresses
        on typed.left_type = 'email' and typed.left_value = left_addresses.address
    left join normal_addresses as right_addresses
        on typed.right_type = 'email' and typed.right_value = right_addresses.address

)

select
    left_type,
    left_value,
    right_type,
    right_value,
    first_seen,
    last_seen,
    -- Of the rows with one identifier that counts the other side is missing; rows without time count nowhere.
    case
        when not has_value then 'no_identifier'
        when has_no_address then 'no_address'
        when left_value is not null and {{ plg._identity_rank('left_type') }} is null then 'unknown_type'
        when right_value is not null and {{ plg._identity_rank('right_type') }} is null then 'unknown_type'
        when first_seen is null then 'no_timestamp'
        when first_seen > {{ plg.as_of() }} then 'after_as_of'
    end as ignored_reason
from normal_links
