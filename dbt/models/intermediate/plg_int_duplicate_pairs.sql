-- A pair is the same in every block that holds it: each call knows all about both workspaces.
with found as (

    {{ plg.unnest_result(
        ref('plg_int_duplicate_results'), keys=['block_key'], path='pairs',
        fields={
            'workspace_a': 'string', 'workspace_b': 'string', 'kind': 'string', 'reasons': 'list',
            'shared_users': 'integer', 'users_a': 'integer', 'users_b': 'integer', 'jaccard': 'float',
            'containment': 'float',
        }
    ) | indent(4) }}

),

ranked as (

    select
        found.*,
        row_number() over (partition by workspace_a, workspace_b order by block_key) as first_block,
        count(*) over (partition by workspace_a, workspace_b) as blocks
    from found

)

select
    {{ plg._md5("workspace_a || ' ' || workspace_b") }} as pair_key,
    workspace_a,
    workspace_b,
    kind,
    reasons,
    shared_users,
    users_a,
    users_b,
    jaccard,
    containment,
    blocks
from ranked
where first_block = 1
