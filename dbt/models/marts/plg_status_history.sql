{{ config(materialized='incremental', unique_key='spell_id', full_refresh=false) }}
{%- set facts = ['status', 'stage', 'lifecycle'] -%}
{%- do plg._spells_only_forwards('plg_status_history') -%}
-- A spell lasts while nothing of it changes.
with present as (

    select
        scores.workspace_id,
        statuses.status,
        scores.stage,
        activity.lifecycle
    from {{ ref('plg_workspace_scores') }} as scores
    left join {{ ref('plg_workspace_status') }} as statuses
        on scores.workspace_id = statuses.workspace_id
    left join {{ ref('plg_workspace_activity') }} as activity
        on scores.workspace_id = activity.workspace_id

){% if is_incremental() %},

open_spells as (

    select *
    from {{ this }}
    where left_at is null

){% endif %}

select
    {{ plg._md5(
        "present.workspace_id || ' ' || cast(" ~ plg.as_of() ~ ' as ' ~ plg.type_name('string') ~ ')'
    ) }} as spell_id,
    present.workspace_id,
    {{ plg.as_of() }} as entered_at,
    cast(null as {{ plg.type_name('timestamp') }}) as left_at,
    {%- for fact in facts %}
    present.{{ fact }}{{ ',' if not loop.last }}
    {%- endfor %}
from present
{%- if is_incremental() %}
left join open_spells
    on present.workspace_id = open_spells.workspace_id
where
    open_spells.workspace_id is null
    {%- for fact in facts %}
    or present.{{ fact }} <> open_spells.{{ fact }}
    or (present.{{ fact }} is null) <> (open_spells.{{ fact }} is null)
    {%- endfor %}

union all

-- What began at this very moment has been computed again: the row above takes its place.
select
    open_spells.spell_id,
    open_spells.workspace_id,
    open_spells.entered_at,
    {{ plg.as_of() }} as left_at,
    {%- for fact in facts %}
    open_spells.{{ fact }}{{ ',' if not loop.last }}
    {%- endfor %}
from open_spells
left join present
    on open_spells.workspace_id = present.workspace_id
where
    open_spells.entered_at < {{ plg.as_of() }}
    and (
        present.workspace_id is null
        {%- for fact in facts %}
        or present.{{ fact }} <> open_spells.{{ fact }}
        or (present.{{ fact }} is null) <> (open_spells.{{ fact }} is null)
        {%- endfor %}
    )
{%- endif %}
