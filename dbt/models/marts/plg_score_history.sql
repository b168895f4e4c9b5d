{{
    config(
        materialized='incremental',
        unique_key=none if target.type == 'bigquery' else 'day',
        incremental_strategy='insert_overwrite' if target.type == 'bigquery' else 'delete+insert',
        partition_by={'field': 'day', 'data_type': 'date'} if target.type == 'bigquery' else none,
        full_refresh=false
    )
}}
{%- do plg._only_forwards(
    'plg_score_history', 'day > cast(' ~ plg.as_of() ~ ' as date)', 'what was scored for a later day'
) -%}
with results as (

    select
        workspace_id,
        as_of,
        {{ plg.field('result', 'model', 'string') }} as model,
        {{ plg.field('result', 'version', 'string') }} as model_version,
        {{ plg.field('result', 'total', 'float') }} as total,
        {{ plg.result_field('result', 'contributions') }} as contributions
    from {{ ref('plg_int_workspace_results') }}

),

-- The newest row of an earlier day.
previous as (
    {% if is_incremental() %}
    select
        workspace_id,
        as_of,
        total,
        stage,
        pql_last_changed_at,
        row_number() over (partition by workspace_id order by day desc) as newest_first
    from {{ this }}
    where day < cast({{ plg.as_of() }} as date)
    {% else %}
    select
        workspace_id,
        as_of,
        total,
        cast(null as {{ plg.type_name('string') }}) as stage,
        as_of as pql_last_changed_at,
        1 as newest_first
    from results
    where false
    {% endif %}
),

stages as (

    select
        results.*,
        {{ plg.fn('score_stage') }}(
            results.total,
            {{ plg.text(plg.score_model()) }},
            previous.stage,
            cast(null as {{ plg.type_name('float') }})
        ) as stage,
        previous.as_of as previous_as_of,
        previous.total as previous_total,
        previous.stage as previous_stage,
        previous.pql_last_changed_at as previous_changed_at
    from results
    left join previous
        on results.workspace_id = previous.workspace_id and previous.newest_first = 1

)

select
    workspace_id,
    cast(as_of as date) as day,
    as_of,
    model,
    model_version,
    total,
    stage,
    previous_as_of,
    previous_total,
    previous_stage,
    case
        when previous_as_of is not null and (stage = previous_stage or (stage is null and previous_stage is null))
            then previous_changed_at
        else as_of
    end as pql_last_changed_at,
    contributions
from stages
