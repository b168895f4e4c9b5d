-- Points are multiples of 2^-32, so the sums are exact and equality is meant.
select
    scores.user_id,
    scores.total,
    sum(components.points) as points
from {{ ref('plg_user_scores') }} as scores
left join {{ ref('plg_user_components') }} as components
    on scores.user_id = components.user_id
group by scores.user_id, scores.total
having scores.total is distinct from sum(components.points)
