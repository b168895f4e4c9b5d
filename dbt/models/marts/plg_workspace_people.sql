-- Who is in a workspace once, under how many ids whatever.
select
    workspace_id,
    person_id,
    count(distinct user_id) as user_ids,
    max(case when is_member then 1 else 0 end) = 1 as is_member,
    -- The workspace's word first, under whichever id; then the role in the product at large, unless the workspace says no.
    case
        when max(case when is_admin_here then 1 else 0 end) = 1 then true
        when max(case when not is_admin_here then 1 else 0 end) = 1 then false
        else max(case when is_admin_anywhere then 1 else 0 end) = 1
    end as is_workspace_admin,
    min(joined_at) as joined_at
from {{ ref('plg_int_workspace_person_rows') }}
group by workspace_id, person_id
