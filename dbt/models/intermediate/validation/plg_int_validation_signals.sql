{%- set horizon = dbt.dateadd('day', -var('plg_validation_days', 30), plg.as_of()) -%}
{%- set day = 'cast(' ~ horizon ~ ' as date)' -%}
{#- 1970-01-05 was a Monday. -#}
{%- set since = 'mod(' ~ dbt.datediff("cast('1970-01-05' as date)", day, 'day') ~ ', 7)' -%}
{%- set moments -%}
    select cast({{ dbt.dateadd('day', '-(days_since_monday + 7 * week)', 'day') }} as {{ plg.type_name('timestamp') }}) as as_of
    from (
        select {{ day }} as day, {{ since }} as days_since_monday
    ) as horizons
    cross join (
        {%- for week in range(var('plg_validation_weeks', 8)) %}
        select {{ week }} as week
        {{- ' union all' if not loop.last }}
        {%- else %}
        select 0 as week limit 0
        {%- endfor %}
    ) as weeks
{%- endset -%}
-- The last Mondays whose outcomes are known, and the signals as they were.
{{ plg._workspace_signals(moments) }}
