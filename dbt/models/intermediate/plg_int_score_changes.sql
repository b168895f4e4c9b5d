-- Against the row of the earlier day; where there is none, everything is new.
select
    history.workspace_id,
    history.as_of,
    history.previous_as_of,
    {{ plg.fn('score_diff') }}(
        history.contributions,
        {{ plg._or_empty('earlier.contributions') }}
    ) as result
from {{ ref('plg_score_history') }} as history
left join {{ ref('plg_score_history') }} as earlier
    on history.workspace_id = earlier.workspace_id and history.previous_as_of = earlier.as_of
where history.as_of = {{ plg.as_of() }}
