select *
from (
    select
        user_id,
        reason_rank,
        abs(points) as weight,
        lag(abs(points)) over (partition by user_id order by reason_rank) as weight_before
    from {{ ref('plg_user_reasons') }}
) as reasons
where weight > weight_before
