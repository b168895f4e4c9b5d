{%- set destinations = fromjson(plg.score_model()).get('routing', {}).get('destinations', []) %}
-- One row per destination, for a sync of each; the destinations stand in the model.
select
    routing.workspace_id,
    routing.as_of,
    destinations.destination
from {{ ref('plg_routing') }} as routing
inner join (
    {%- for destination in destinations %}
    select {{ plg.text(destination['name']) }} as destination
    {{- ' union all' if not loop.last }}
    {%- else %}
    select cast(null as {{ plg.type_name('string') }}) as destination
    {%- endfor %}
) as destinations
    on {{ dbt.position("', ' || destinations.destination || ','", "', ' || routing.destinations || ','") }} > 0
