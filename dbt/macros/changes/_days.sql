{#-
    What incremental models of days share: a run forgets the days that may have changed and computes what is missing. A hook and
    its model get the same first day, since both are written before either runs; a literal, so that warehouses read the
    partitions from that day on only.
-#}

{#- Whether a table can be asked while statements are written; a compilation without a run asks nothing. -#}
{% macro _can_ask() -%}
    {{ return(execute and flags.WHICH in ['run', 'build', 'retry', 'clone'] and load_relation(this) is not none) }}
{%- endmacro %}

{#- Sessions: the first day of plg_session_lookback_days before the last one that the table holds; none for all days. -#}
{% macro _first_open_day() -%}
    {%- if not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set lookback = var('plg_session_lookback_days', none) or 30 -%}
    {%- if not plg._can_ask() -%}
        {{ return(plg.days_before(lookback)) }}
    {%- endif -%}
    {%- set newest = 'least(max(day), cast(' ~ plg.as_of() ~ ' as date))' -%}
    {%- set first = run_query(
        'select cast(' ~ dbt.dateadd('day', -lookback, newest) ~ ' as date) from ' ~ this
    ).columns[0].values()[0] -%}
    {#- An empty table lacks all days. -#}
    {{ return("cast('" ~ (first or '0001-01-01') ~ "' as date)") }}
{%- endmacro %}

{#-
    plg_daily_activity: the first day of which the rollups say something else than its row of the product, which counts the
    day's events and users; none for all days. Days that the rollups have and the table has not are such days.
-#}
{% macro _first_changed_day() -%}
    {%- if not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- if not plg._can_ask() -%}
        {{ return(plg.days_before(0)) }}
    {%- endif -%}
    {%- set query -%}
        select
            min(
                case
                    when
                        held.day is null
                        or held.day > cast({{ plg.as_of() }} as date)
                        or held.event_count <> coalesce(counted.event_count, 0)
                        or held.dau <> coalesce(counted.dau, 0)
                        then coalesce(held.day, counted.day)
                end
            ),
            cast({{ dbt.dateadd('day', 1, 'max(held.day)') }} as date)
        from (
            select
                day,
                sum(event_count) as event_count,
                count(distinct case when is_active then user_id end) as dau
            from (
                select day, user_id, event_count, {{ plg.counts_as_active('event') }} as is_active
                from {{ ref('plg_int_user_event_days') }}
                union all
                select day, cast(null as {{ plg.type_name('string') }}) as user_id, event_count, false as is_active
                from {{ ref('plg_int_workspace_event_days') }}
                where user_id is null
            ) as rollups
            group by day
        ) as counted
        full outer join (
            select
                day,
                event_count,
                dau
            from {{ this }}
            where grain = 'product'
        ) as held
            on counted.day = held.day
    {%- endset -%}
    {%- set answer = run_query(query) -%}
    {%- set first = answer.columns[0].values()[0] or answer.columns[1].values()[0] or '0001-01-01' -%}
    {{ return("cast('" ~ first ~ "' as date)") }}
{%- endmacro %}

{#- For a pre-hook: forgets the days that the model computes again. -#}
{% macro _forget_days(first_day) -%}
    {%- if first_day -%}
        delete from {{ this }} where day >= {{ first_day }}
    {%- else -%}
        select 1 as nothing
    {%- endif -%}
{%- endmacro %}

{#- A query of whole numbers from 0 on; 10,000 of them are 27 years of days. -#}
{% macro _day_numbers() -%}
    select units.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit as day_number
    {%- for place in ['units', 'tens', 'hundreds', 'thousands'] %}
    {{ 'from' if loop.first else 'cross join' }} (
        select 0 as digit{% for digit in range(1, 10) %} union all select {{ digit }}{% endfor %}
    ) as {{ place }}
    {%- endfor %}
{%- endmacro %}
