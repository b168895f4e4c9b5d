-- One call per person, on the days with activity, and on the workspaces without any.
with days as (

    select distinct
        people.person_id,
        daily.workspace_id,
        daily.day
    from {{ ref('plg_workspace_daily_events') }} as daily
    inner join {{ ref('plg_int_user_people') }} as people
        on daily.user_id = people.user_id
    where
        daily.day >= {{ plg.days_before(27) }}
        and daily.event <> 'new_active_user_day'
        and {{ plg.counts_as_active('daily.event') }}

),

activity as (

    select
        people.person_id,
        people.workspace_id,
        accounts.account_id,
        -- Midnight is never after as_of.
        cast(days.day as {{ plg.type_name('timestamp') }}) as occurred_at
    from {{ ref('plg_workspace_people') }} as people
    left join {{ ref('plg_workspace_accounts') }} as accounts
        on people.workspace_id = accounts.workspace_id
    left join days
        on people.person_id = days.person_id and people.workspace_id = days.workspace_id

)

select
    person_id,
    {{ plg.fn('user_account') }}(
        {{ plg.agg_rows({
            'workspace_id': 'workspace_id', 'account_id': 'account_id', 'occurred_at': 'occurred_at'
        }) | indent(8) }},
        28,
        {{ plg.as_of() }}
    ) as result
from activity
group by person_id
