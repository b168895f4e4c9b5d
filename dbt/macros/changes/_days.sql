{#-
    What incremental models of daily rows share: a run forgets the days that may have changed and computes what is missing, so
    that it holds what --full-refresh would. How late events may come is the variable plg_lookback_days.
-#}

{#-
    The first day that a run computes again, as a date literal, or none where it computes all: plg_lookback_days before the
    last day that the table holds, or that of an earlier as_of. A literal, so that warehouses read the partitions of these
    days only. A hook and its model get the same one, since both are written before either runs.
-#}
{% macro _first_open_day() -%}
    {%- if not is_incremental() -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set lookback = var('plg_lookback_days', 3) -%}
    {%- if not execute or load_relation(this) is none -%}
        {{ return(plg.days_before(lookback)) }}
    {%- endif -%}
    {%- set newest = 'least(max(day), cast(' ~ plg.as_of() ~ ' as date))' -%}
    {%- set first = run_query(
        'select cast(' ~ dbt.dateadd('day', -lookback, newest) ~ ' as date) from ' ~ this
    ).columns[0].values()[0] -%}
    {#- An empty table lacks all days. -#}
    {{ return("cast('" ~ (first or '0001-01-01') ~ "' as date)") }}
{%- endmacro %}

{#- For a pre-hook: forgets the days that the model computes again. -#}
{% macro _forget_open_days() -%}
    {%- set first_open_day = plg._first_open_day() -%}
    {%- if first_open_day -%}
        delete from {{ this }} where day >= {{ first_open_day }}
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
