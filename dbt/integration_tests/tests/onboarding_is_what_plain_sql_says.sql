-- From the events themselves; a habit is core use on 3 days within 7, an activation a second user and the key action.
with events as (

    select *
    from {{ ref('plg_stg_events') }}
    where workspace_ignored_reason is null

),

firsts as (

    select
        workspace_id,
        min(occurred_at) filter (where event = 'key_action_completed') as key_action_at,
        min(occurred_at) filter (where event = 'invite_sent') as invited_at,
        min(occurred_at) filter (where event = 'install_integration') as installed_at
    from events
    group by workspace_id

),

second_users as (

    select
        workspace_id,
        min(first_at) as second_user_at
    from (
        select
            workspace_id,
            user_id,
            min(occurred_at) as first_at,
            row_number() over (partition by workspace_id order by min(occurred_at)) as place
        from events
        where user_id is not null and event not in ('workspace_downgraded', 'uninstall_integration')
        group by workspace_id, user_id
    )
    where place = 2
    group by workspace_id

),

days as (

    select
        workspace_id,
        cast(occurred_at as date) as day,
        min(occurred_at) as first_at
    from events
    where event = 'core_feature_used' and user_id is not null
    group by workspace_id, cast(occurred_at as date)

),

habits as (

    select
        later.workspace_id,
        min(later.first_at) as habit_reached_at
    from days as later
    where (
        select count(*)
        from days as earlier
        where earlier.workspace_id = later.workspace_id and earlier.day between later.day - 6 and later.day
    ) >= 3
    group by later.workspace_id

),

current_habits as (

    select workspace_id
    from days
    where day > cast({{ plg.as_of() }} as date) - 7
    group by workspace_id
    having count(*) >= 3

),

expected as (

    select
        workspaces.workspace_id,
        case when second_user_at is not null and key_action_at is not null then greatest(second_user_at, key_action_at) end
            as activated_at,
        epoch_us(activated_at - workspaces.created_at) / 3.6e9 as hours_to_activation,
        habit_reached_at,
        current_habits.workspace_id is not null as has_habit,
        (key_action_at is not null)::integer + (invited_at is not null)::integer + (installed_at is not null)::integer
            as setup_done,
        case
            when key_action_at is null then 'key action completed'
            when invited_at is null then 'teammate invited'
            when installed_at is null then 'integration installed'
        end as setup_next,
        case when setup_next is null then greatest(key_action_at, invited_at, installed_at) end as setup_completed_at,
        (second_user_at is not null)::integer + (installed_at is not null)::integer as secondary_done
    from {{ ref('plg_int_workspaces') }} as workspaces
    left join firsts using (workspace_id)
    left join second_users using (workspace_id)
    left join habits using (workspace_id)
    left join current_habits using (workspace_id)

)

select
    workspace_id,
    expected.*
from expected
full join {{ ref('plg_workspace_onboarding') }} as found using (workspace_id)
where
    found.setup_total is distinct from 3
    or found.secondary_total is distinct from 2
    {%- for column in [
        'activated_at', 'habit_reached_at', 'has_habit', 'setup_done', 'setup_next', 'setup_completed_at', 'secondary_done'
    ] %}
    or found.{{ column }} is distinct from expected.{{ column }}
    {%- endfor %}
    or found.hours_to_activation is distinct from expected.hours_to_activation
