-- What identity_resolve is to look at: the links between identifiers that may connect, and a row of its own for every
-- identifier whose other links are left out, since it has been seen there, too.
with demoted_identifiers as (

    select
        identifier_key,
        link_count,
        demoted
    from {{ ref('plg_int_identity_identifiers') }}
    where demoted is not null

),

judged as (

    select
        links.*,
        links.right_key is not null
        and left_ends.identifier_key is null
        and right_ends.identifier_key is null as is_kept
    from {{ ref('plg_int_identity_links') }} as links
    left join demoted_identifiers as left_ends
        on links.left_key = left_ends.identifier_key
    left join demoted_identifiers as right_ends
        on links.right_key = right_ends.identifier_key

),

sides as (

    select
        left_key as identifier_key,
        left_rank as type_rank,
        left_type as identifier_type,
        left_value as identifier,
        first_seen
    from judged
    where not is_kept

    union all

    select
        right_key as identifier_key,
        right_rank as type_rank,
        right_type as identifier_type,
        right_value as identifier,
        first_seen
    from judged
    where not is_kept and right_key is not null

),

single_rows as (

    select
        identifier_key,
        type_rank,
        identifier_type,
        identifier,
        min(first_seen) as first_seen
    from sides
    group by identifier_key, type_rank, identifier_type, identifier

)

select
    left_key,
    right_key,
    left_rank,
    left_type,
    left_value,
    right_rank,
    right_type,
    right_value,
    first_seen,
    cast(0 as {{ plg.type_name('float') }}) as left_links,
    cast(0 as {{ plg.type_name('float') }}) as left_shared
from judged
where is_kept

union all

select
    single_rows.identifier_key as left_key,
    cast(null as {{ plg.type_name('string') }}) as right_key,
    single_rows.type_rank as left_rank,
    single_rows.identifier_type as left_type,
    single_rows.identifier as left_value,
    cast(null as {{ plg.type_name('integer') }}) as right_rank,
    cast(null as {{ plg.type_name('string') }}) as right_type,
    cast(null as {{ plg.type_name('string') }}) as right_value,
    single_rows.first_seen,
    cast(coalesce(demoted_identifiers.link_count, 0) as {{ plg.type_name('float') }}) as left_links,
    cast(case when demoted_identifiers.demoted = 'shared' then 1 else 0 end as {{ plg.type_name('float') }}) as left_shared
from single_rows
left join demoted_identifiers
    on single_rows.identifier_key = demoted_identifiers.identifier_key
