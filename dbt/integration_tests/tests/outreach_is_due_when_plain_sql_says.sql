-- The shipped sequence, written once more as plain SQL.
with first_steps as (

    select
        *,
        {{ plg.as_of() }} as this_moment,
        first_active_at + interval 3 days as help_due,
        least(limit_hit_at + interval 72 hours, upgrade_click_at + interval 24 hours) as call_due,
        contacted_at >= least(limit_hit_at, upgrade_click_at) as is_called
    from {{ ref('plg_int_workspace_milestones') }}

),

expected as (

    select
        workspace_id,
        case
            when has_open_opportunity or is_excluded then null
            when coalesce(key_action_at, limit_hit_at, upgrade_click_at) is null
                then case when help_due <= this_moment then 'Set-up help' end
            when is_called then null
            when call_due <= this_moment then 'Sales call'
        end as due_step,
        help_due,
        call_due
    from first_steps

)

select sequences.workspace_id
from {{ ref('plg_workspace_sequences') }} as sequences
inner join expected
    on sequences.workspace_id = expected.workspace_id
where
    sequences.due_step is distinct from expected.due_step
    or sequences.due_at is distinct from case expected.due_step
        when 'Set-up help' then expected.help_due
        when 'Sales call' then expected.call_due
    end
