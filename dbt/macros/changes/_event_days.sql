{#-
    The rollups of events by UTC day, which are computed again for days alone that have changed. A day has changed if its raw
    rows are not what the rollup has counted: other numbers of rows, of rows with a user, of events, or another last time. So
    rows that come late, are taken away or lie in a day that was only begun count in the next run, however old they are;
    an edit that leaves all four as they were needs --full-refresh. plg_event_lookback_days spares the looking at older days.
-#}

{#- A condition on the days that are looked at; all unless the variable says otherwise. -#}
{% macro _in_lookback(day) -%}
    {%- set days = var('plg_event_lookback_days', none) -%}
    {{ return(day ~ ' > ' ~ plg.days_before(days) if days else day ~ ' is not null') }}
{%- endmacro %}

{#- What identifies the state of a day in the raw rows: the query of a relation with occurred_at. -#}
{% macro _raw_days(ignored_reason) -%}
    select
        cast(occurred_at as date) as day,
        count(*) as row_count,
        count(user_id) as user_rows,
        sum(event_count) as event_count,
        max(occurred_at) as last_at
    from {{ ref('plg_stg_events') }}
    where {{ ignored_reason }} is null and {{ plg._in_lookback('cast(occurred_at as date)') }}
    group by cast(occurred_at as date)
{%- endmacro %}

{#- The same of what the rollup has counted, and where both agree. -#}
{% macro _stored_days() -%}
    select
        day,
        sum(row_count) as row_count,
        sum(case when user_id is not null then row_count else 0 end) as user_rows,
        sum(event_count) as event_count,
        max(last_at) as last_at
    from {{ this }}
    group by day
{%- endmacro %}

{% macro _day_is_unchanged() -%}
    raw_days.day = stored_days.day
    and raw_days.row_count = stored_days.row_count
    and raw_days.user_rows = stored_days.user_rows
    and raw_days.event_count = stored_days.event_count
    and raw_days.last_at = stored_days.last_at
{%- endmacro %}

{#- For a pre-hook: takes away the days whose raw rows are others than those that were counted. -#}
{% macro _forget_changed_days(ignored_reason) -%}
    {%- if is_incremental() -%}
    delete from {{ this }}
    where {{ plg._in_lookback('day') }} and day not in (
        select raw_days.day
        from ({{ plg._raw_days(ignored_reason) }}) as raw_days
        inner join ({{ plg._stored_days() }}) as stored_days
            on {{ plg._day_is_unchanged() }}
    )
    {%- else -%}
    select 1 as nothing
    {%- endif -%}
{%- endmacro %}

{#-
    The days that have changed or are new, as literals: a warehouse reads only their partitions then. A model is compiled before
    its hooks run, so this compares as they do. Compiled without running, the day of as_of stands for them.
-#}
{% macro _changed_days(ignored_reason) -%}
    {%- if not plg._can_ask() -%}
        {{ return(['cast(' ~ plg.as_of() ~ ' as date)']) }}
    {%- endif -%}
    {%- set query -%}
        select raw_days.day
        from ({{ plg._raw_days(ignored_reason) }}) as raw_days
        left join ({{ plg._stored_days() }}) as stored_days
            on {{ plg._day_is_unchanged() }}
        where stored_days.day is null
        order by raw_days.day
    {%- endset -%}
    {%- set days = [] -%}
    {%- for day in run_query(query).columns[0].values() -%}
        {%- do days.append("date '" ~ day ~ "'") -%}
    {%- endfor -%}
    {{ return(days) }}
{%- endmacro %}

{#- The rollup of plg_stg_events by `keys`, the event and the UTC day. -#}
{% macro _event_days(keys, ignored_reason) -%}
{%- set days = plg._changed_days(ignored_reason) if is_incremental() else none -%}
with hours as (

    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        event,
        {{ dbt.date_trunc('hour', 'occurred_at') }} as hour_start,
        count(*) as row_count,
        sum(event_count) as event_count,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from {{ ref('plg_stg_events') }}
    where
        {{ ignored_reason }} is null
        {%- if days %}
        and occurred_at >= cast({{ days[0] }} as {{ plg.type_name('timestamp') }})
        and cast(occurred_at as date) in ({{ days | join(', ') }})
        {%- elif days is not none %}
        and false
        {%- endif %}
    group by {{ keys | join(', ') }}, event, {{ dbt.date_trunc('hour', 'occurred_at') }}

)

select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    event,
    cast(hour_start as date) as day,
    sum(row_count) as row_count,
    sum(event_count) as event_count,
    max(event_count) as max_per_hour,
    min(first_at) as first_at,
    max(last_at) as last_at
from hours
group by {{ keys | join(', ') }}, event, cast(hour_start as date)
{%- endmacro %}
