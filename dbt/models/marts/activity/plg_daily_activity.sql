{{
    config(
        materialized='incremental',
        pre_hook=[
            "{{ plg._forget_days(plg._first_changed_day()) }}",
            "{{ plg._forget_moved_workspaces(ref('plg_workspace_accounts')) }}",
        ]
    )
}}
{%- set first_open_day = plg._first_changed_day() -%}
{%- set today = plg.days_before(0) -%}
{#- The growth over 30 days of what 28 days tell. -#}
{%- set history_days = 58 -%}
{%- set measures = ['dau', 'wau', 'mau'] -%}
{%- set periods = [7, 14, 30] -%}
{%- set by_entity = 'partition by grain, entity_id order by day' -%}
{%- set integer = plg.type_name('integer') -%}
{%- if first_open_day -%}
    {%- set read_from = 'cast(' ~ dbt.dateadd('day', -history_days, first_open_day) ~ ' as date)' -%}
{%- endif -%}
-- Three grains in one pass.
with {% if first_open_day -%}
-- Who has rows keeps those of earlier days; who has none, as one whose workspaces have moved, gets all of them.
stored as (

    select
        grain,
        entity_id
    from {{ this }}
    group by grain, entity_id

),

{% endif -%}
workspaces as (

    select
        accounts.workspace_id,
        {{ plg._account_of('accounts') }} as account_id
        {%- if first_open_day %},
        stored_workspaces.entity_id is null as is_new_workspace,
        {{ plg._account_of('accounts') }} is not null and stored_accounts.entity_id is null as is_new_account,
        stored_products.entity_id is null as is_new_product
        {%- endif %}
    from {{ ref('plg_workspace_accounts') }} as accounts
    {%- if first_open_day %}
    left join stored as stored_workspaces
        on stored_workspaces.grain = 'workspace' and accounts.workspace_id = stored_workspaces.entity_id
    left join stored as stored_accounts
        on stored_accounts.grain = 'account' and {{ plg._account_of('accounts') }} = stored_accounts.entity_id
    left join stored as stored_products
        on stored_products.grain = 'product'
    {%- endif %}

),

workspace_days as (

    select
        workspaces.workspace_id,
        workspaces.account_id,
        daily.user_id,
        daily.day,
        {%- for grain in ['workspace', 'account', 'product'] %}
        {{ 'daily.day >= ' ~ read_from ~ ' or workspaces.is_new_' ~ grain if first_open_day else 'true' }} as is_of_{{ grain }},
        {%- endfor %}
        sum(daily.event_count) as event_count,
        max(case when daily.user_id is not null and {{ plg.counts_as_active('daily.event') }} then 1 else 0 end) as is_active
    from {{ ref('plg_int_workspace_event_days') }} as daily
    inner join workspaces
        on daily.workspace_id = workspaces.workspace_id
    {%- if first_open_day %}
    where
        daily.day >= {{ read_from }}
        or workspaces.is_new_workspace or workspaces.is_new_account or workspaces.is_new_product
    {%- endif %}
    group by
        workspaces.workspace_id,
        workspaces.account_id,
        daily.user_id,
        daily.day
        {%- if first_open_day %},
        workspaces.is_new_workspace,
        workspaces.is_new_account,
        workspaces.is_new_product
        {%- endif %}

),

product_days as (

    select
        daily.user_id,
        daily.day,
        sum(daily.event_count) as event_count,
        max(case when {{ plg.counts_as_active('daily.event') }} then 1 else 0 end) as is_active
    from {{ ref('plg_int_user_event_days') }} as daily
    {%- if first_open_day %}
    left join stored
        on stored.grain = 'product'
    {%- endif %}
    {%- if first_open_day %}
    where daily.day >= {{ read_from }} or stored.entity_id is null
    {%- endif %}
    group by daily.user_id, daily.day

),

volumes as (

    select 'workspace' as grain, workspace_id as entity_id, day, sum(event_count) as event_count
    from workspace_days
    where is_of_workspace
    group by workspace_id, day

    union all

    select 'account' as grain, account_id as entity_id, day, sum(event_count) as event_count
    from workspace_days
    where is_of_account and account_id is not null
    group by account_id, day

    union all

    -- What somebody did, wherever, and what nobody in particular did in a workspace.
    select 'product' as grain, 'product' as entity_id, day, sum(event_count) as event_count
    from (
        select day, event_count from product_days
        union all
        select day, event_count from workspace_days where user_id is null and is_of_product
    ) as parts
    group by day

),

active_days as (

    select 'workspace' as grain, workspace_id as entity_id, user_id as member_id, day
    from workspace_days
    where is_active = 1 and is_of_workspace

    union all

    select distinct 'account' as grain, account_id as entity_id, user_id as member_id, day
    from workspace_days
    where is_active = 1 and is_of_account and account_id is not null

    union all

    select 'product' as grain, 'product' as entity_id, user_id as member_id, day
    from product_days
    where is_active = 1

),

gaps as (

    select
        grain,
        entity_id,
        day,
        {{ dbt.datediff('lag(day) over (partition by grain, entity_id, member_id order by day)', 'day', 'day') }}
            as days_since_last,
        {{ dbt.datediff('day', 'lead(day) over (partition by grain, entity_id, member_id order by day)', 'day') }}
            as days_to_next
    from active_days

),

-- A member counts in a window of N days from an active day until N days later, unless active again by then. So distinct
-- members are a running sum of who comes and who goes, and nobody is counted once for every day of a window.
changes as (

    select
        grain,
        entity_id,
        day,
        cast(null as {{ plg.type_name('float') }}) as event_count,
        1 as dau,
        case when days_since_last <= 7 then 0 else 1 end as wau,
        case when days_since_last <= 28 then 0 else 1 end as mau
    from gaps

    union all

    select
        grain,
        entity_id,
        cast({{ dbt.dateadd('day', 7, 'day') }} as date) as day,
        cast(null as {{ plg.type_name('float') }}) as event_count,
        0 as dau,
        -1 as wau,
        0 as mau
    from gaps
    where days_to_next is null or days_to_next > 7

    union all

    select
        grain,
        entity_id,
        cast({{ dbt.dateadd('day', 28, 'day') }} as date) as day,
        cast(null as {{ plg.type_name('float') }}) as event_count,
        0 as dau,
        0 as wau,
        -1 as mau
    from gaps
    where days_to_next is null or days_to_next > 28

    union all

    select
        grain,
        entity_id,
        day,
        event_count,
        0 as dau,
        0 as wau,
        0 as mau
    from volumes

),

days_with_changes as (

    select
        grain,
        entity_id,
        day,
        sum(event_count) as event_count,
        sum(dau) as dau,
        sum(wau) as wau,
        sum(mau) as mau
    from changes
    group by grain, entity_id, day

),

day_numbers as (

    {{ plg._day_numbers() | indent(4) }}

),

first_days as (

    select
        grain,
        entity_id,
        min(day) as first_day
    from days_with_changes
    group by grain, entity_id

),

-- Every day from the first one on: the day 7 days ago must be 7 rows ago.
calendar as (

    select
        first_days.grain,
        first_days.entity_id,
        cast({{ dbt.dateadd('day', 'day_numbers.day_number', 'first_days.first_day') }} as date) as day
    from first_days
    inner join day_numbers
        on day_numbers.day_number <= {{ dbt.datediff('first_days.first_day', today, 'day') }}

),

levels as (

    select
        calendar.grain,
        calendar.entity_id,
        calendar.day,
        days_with_changes.event_count,
        coalesce(days_with_changes.dau, 0) as dau,
        sum(days_with_changes.wau) over (
            partition by calendar.grain, calendar.entity_id order by calendar.day
            rows between unbounded preceding and current row
        ) as wau,
        sum(days_with_changes.mau) over (
            partition by calendar.grain, calendar.entity_id order by calendar.day
            rows between unbounded preceding and current row
        ) as mau
    from calendar
    left join days_with_changes
        on
            calendar.grain = days_with_changes.grain
            and calendar.entity_id = days_with_changes.entity_id
            and calendar.day = days_with_changes.day

),

rates as (

    select
        grain,
        entity_id,
        day,
        coalesce(event_count, 0) as event_count,
        count(event_count) over ({{ by_entity }} rows between 27 preceding and current row) as days_with_events,
        sum(event_count) over ({{ by_entity }} rows between 6 preceding and current row) as events_7d,
        sum(event_count) over ({{ by_entity }} rows between 13 preceding and 7 preceding) as events_before,
        {%- for measure in measures %}
        cast({{ measure }} as {{ integer }}) as {{ measure }},
        {%- for days in periods %}
        -- Before its first event nobody was active.
        cast({{ measure }} - coalesce(lag({{ measure }}, {{ days }}) over ({{ by_entity }}), 0) as {{ plg.type_name('float') }})
        / {{ days }} as {{ measure }}_velocity_{{ days }}d
        {{- ',' if not (loop.last and measure == measures[-1]) }}
        {%- endfor %}
        {%- endfor %}
    from levels

),

beginnings as (

    select
        {%- if first_open_day %}
        coalesce((select min(day) from {{ this }}), min(first_day)) as data_since
        {%- else %}
        min(first_day) as data_since
        {%- endif %}
    from first_days
    where grain = 'product'

)

select
    rates.grain,
    rates.entity_id,
    rates.day,
    case rates.grain when 'account' then rates.entity_id when 'workspace' then workspaces.account_id end as account_id,
    rates.event_count,
    {%- for measure in measures %}
    rates.{{ measure }},
    {%- endfor %}
    cast(rates.dau as {{ plg.type_name('float') }}) / nullif(rates.mau, 0) as stickiness,
    -- What is not known yet is how active the product was before its data begin.
    case
        when {{ dbt.datediff('beginnings.data_since', 'rates.day', 'day') }} >= 7
            then cast(round(rates.wau_velocity_7d * 7) as {{ integer }})
    end as net_new_active_users_7d,
    case
        when {{ dbt.datediff('beginnings.data_since', 'rates.day', 'day') }} >= 13
            then coalesce(rates.events_7d, 0) / nullif(rates.events_before, 0)
    end as volume_change_ratio
    {%- for days in periods %}
    {%- for measure in measures %},
    case
        when {{ dbt.datediff('beginnings.data_since', 'rates.day', 'day') }} >= {{ days }}
            then rates.{{ measure }}_velocity_{{ days }}d
    end as {{ measure }}_velocity_{{ days }}d
    {%- endfor %}
    {%- endfor %}
from rates
cross join beginnings
{%- if first_open_day %}
left join stored
    on rates.grain = stored.grain and rates.entity_id = stored.entity_id
{%- endif %}
left join workspaces
    on rates.grain = 'workspace' and rates.entity_id = workspaces.workspace_id
where
    -- The product has a row for every day, others while there was something in the 28 days up to it.
    (rates.grain = 'product' or rates.days_with_events > 0)
    {%- if first_open_day %}
    and (stored.entity_id is null or rates.day >= {{ first_open_day }})
    {%- endif %}
