{{
    config(
        materialized='incremental', unique_key='pair_key',
        post_hook="{{ plg._forget_vanished(ref('plg_int_duplicate_pairs'), 'pair_key') }}"
    )
}}
with computed as (

    select
        pairs.*,
        accounts_a.account_id as account_a,
        accounts_b.account_id as account_b
    from {{ ref('plg_int_duplicate_pairs') }} as pairs
    left join {{ ref('plg_workspace_accounts') }} as accounts_a
        on pairs.workspace_a = accounts_a.workspace_id
    left join {{ ref('plg_workspace_accounts') }} as accounts_b
        on pairs.workspace_b = accounts_b.workspace_id

)

{{ plg._changed_rows('computed', 'pair_key', [
    'workspace_a', 'workspace_b', 'kind', 'reasons', 'shared_users', 'users_a', 'users_b', 'jaccard', 'containment',
    'blocks', 'account_a', 'account_b',
]) }}
