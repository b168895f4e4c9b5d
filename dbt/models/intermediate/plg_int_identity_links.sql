{%- set as_of = plg.as_of() -%}
-- Every pair of identifiers once, the stronger one on the left, and identifiers that stand alone in a row without right
-- side. So what counts is what identity_resolve counts.
with ranked as (

    select
        left_type,
        left_value,
        right_type,
        right_value,
        first_seen,
        case when last_seen > {{ as_of }} then {{ as_of }} when last_seen > first_seen then last_seen else first_seen end as last_seen,
        case when left_value is not null then {{ plg._identity_rank('left_type') }} end as left_rank,
        case when right_value is not null then {{ plg._identity_rank('right_type') }} end as right_rank
    from {{ ref('plg_stg_identity_links') }}
    where first_seen <= {{ as_of }}

),

sided as (

    select
        ranked.*,
        case
            when left_rank is null then 'right'
            when right_rank is null or (left_rank = right_rank and left_value = right_value) then 'left'
            when right_rank < left_rank or (right_rank = left_rank and right_value < left_value) then 'turned'
            else 'as it is'
        end as sides
    from ranked
    where left_rank is not null or right_rank is not null

),

directed as (

    select
        case when sides in ('right', 'turned') then right_rank else left_rank end as left_rank,
        case when sides in ('right', 'turned') then right_type else left_type end as left_type,
        case when sides in ('right', 'turned') then right_value else left_value end as left_value,
        case sides when 'turned' then left_rank when 'as it is' then right_rank end as right_rank,
        case sides when 'turned' then left_type when 'as it is' then right_type end as right_type,
        case sides when 'turned' then left_value when 'as it is' then right_value end as right_value,
        first_seen,
        last_seen
    from sided

)

select
    {{ plg._identity_key('left_type', 'left_value') }} as left_key,
    {{ plg._identity_key('right_type', 'right_value') }} as right_key,
    left_rank,
    left_type,
    left_value,
    right_rank,
    right_type,
    right_value,
    min(first_seen) as first_seen,
    max(last_seen) as last_seen
from directed
group by left_rank, left_type, left_value, right_rank, right_type, right_value
