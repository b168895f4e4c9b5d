with results as (

    {%- for audience, declared in plg.audiences().items() %}
    select
        {{ plg.text(audience) }} as audience_set,
        cast({{ declared.get('member', 'workspace_id') }} as {{ plg.type_name('string') }}) as member_id,
        {{ plg.fn('audience_level') }}(
            {{ plg.facts(plg.audience_facts(audience)) }},
            {{ plg.text(plg.audience_document(audience)) }}
        ) as result
    from {{ ref(declared.get('facts', 'plg_int_workspace_facts')) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    audience_set,
    member_id,
    {{ plg.as_of() }} as as_of,
    {{ plg.field('result', 'level', 'integer') }} as level,
    {{ plg.field('result', 'audience', 'string') }} as audience,
    {{ plg.field('result', 'destination', 'string') }} as destination,
    {{ plg.field('result', 'excluded_by', 'string') }} as excluded_by,
    {{ plg.field('result', 'stopped_by', 'string') }} as stopped_by
from results
