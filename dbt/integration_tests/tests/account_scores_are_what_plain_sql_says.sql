with prod as (

    select
        account_id,
        total,
        row_number() over (partition by account_id order by total desc, workspace_id) as best_first
    from {{ ref('plg_workspace_scores') }}
    where type = 'prod'

),

expected as (

    select
        account_id,
        least(100, max(total) + least(10, 2 * count(*) filter (where best_first > 1 and total >= 50))) as total
    from prod
    group by account_id

)

select accounts.account_id
from {{ ref('plg_account_scores') }} as accounts
left join expected
    on accounts.account_id = expected.account_id
where accounts.total is distinct from expected.total
