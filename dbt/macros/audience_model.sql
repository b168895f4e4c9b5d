{% macro audience_model(audience=none) -%}
    {%- set declared = plg.audience_levels() -%}
    {%- if audience is not none and audience not in declared -%}
        {#- dbt reads disabled models, too. -#}
        {%- if execute -%}
            {%- do exceptions.raise_compiler_error('plg.audience_model: plg_audiences has no level ' ~ audience) -%}
        {%- endif -%}
        {{ return('') }}
    {%- endif -%}
    {%- set levels = declared if audience is none else {audience: declared[audience]} -%}
    {%- do plg._spells_only_forwards('plg.audience_model') -%}
with members as (

    {%- for name, level in levels.items() %}
    select
        member_id,
        audience_set,
        {{ plg.text(name) }} as audience,
        {{ level['level'] }} as level,
        {{ plg.text(level['destination']) }} as destination
    from {{ ref('plg_int_audience_results') }}
    where audience_set = {{ plg.text(level['audience_set']) }} and level >= {{ level['level'] }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

){% if is_incremental() %},

open_spells as (

    select
        member_id,
        audience_set,
        audience,
        level,
        destination,
        entered_at
    from {{ this }}
    where left_at is null

){% endif %}

select
    members.member_id,
    members.audience_set,
    members.audience,
    members.level,
    members.destination,
    {{ plg.as_of() }} as entered_at,
    cast(null as {{ plg.type_name('timestamp') }}) as left_at
from members
{%- if is_incremental() %}
left join open_spells
    on members.audience = open_spells.audience and members.member_id = open_spells.member_id
where open_spells.member_id is null

union all

select
    open_spells.member_id,
    open_spells.audience_set,
    open_spells.audience,
    open_spells.level,
    open_spells.destination,
    open_spells.entered_at,
    {{ plg.as_of() }} as left_at
from open_spells
left join members
    on open_spells.audience = members.audience and open_spells.member_id = members.member_id
where members.member_id is null
{%- endif %}
{%- endmacro %}
