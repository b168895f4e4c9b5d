with daily as (

    select
        user_id as entity_id,
        event,
        day,
        event_count,
        first_at,
        last_at,
        {{ plg.counts_as_active('event') }} as is_active
    from {{ ref('plg_int_user_event_days') }}

),

{{ plg._activity('select user_id as entity_id, day from ' ~ ref('plg_sessions')) }},

users as (

    select user_id from {{ ref('plg_stg_users') }} where user_id is not null
    union distinct
    select entity_id as user_id from activity

),

facts as (

    select
        users.user_id,
        people.person_id,
        persons.account_id,
        {{ plg._activity_columns() | indent(4) }}
    from users
    left join {{ ref('plg_int_user_people') }} as people
        on users.user_id = people.user_id
    left join {{ ref('plg_users') }} as persons
        on people.person_id = persons.person_id
    left join activity
        on users.user_id = activity.entity_id

)

select
    facts.*,
    cast(active_days_7d as {{ plg.type_name('float') }}) / nullif(active_days_30d, 0) as stickiness,
    -- Users with as many events share a rank.
    case
        when account_id is not null then rank() over (partition by account_id order by events_30d desc)
    end as usage_rank_in_account,
    {{ plg.as_of() }} as as_of
from facts
