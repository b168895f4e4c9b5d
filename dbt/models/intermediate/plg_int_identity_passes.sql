{#- The columns, none of which has a value yet. -#}
{%- set columns = {
    'component': 'string', 'pass_number': 'integer', 'last_place': 'integer', 'call_rows': 'integer', 'reason': 'string',
    'left_type': 'string', 'left_value': 'string', 'right_type': 'string', 'right_value': 'string',
    'limited_type': 'string', 'person': 'string'
} -%}
{%- set nothing = [] -%}
{%- for name, type in columns.items() -%}
    {%- do nothing.append('cast(null as ' ~ plg.type_name(type) ~ ') as ' ~ name) -%}
{%- endfor -%}
{{
    config(
        materialized='plg_repeated',
        meta={'plg_of_run': true, 'plg_starts_as': 'select ' ~ nothing | join(', ') ~ ' limit 0'}
    )
}}
-- One pass over each component that is too large for one call: the next of its links, as many as fit together with the
-- earlier links within the persons that they touch. Those make the same persons again, as what was refused once never comes
-- to lie within a person; so a pass goes on where the one before stopped.
with progress as (

    select
        component,
        max(pass_number) as pass_number,
        max(last_place) as last_place
    from {{ this }}
    group by component

),

sizes as (

    select
        component,
        max(place) as end_place
    from {{ ref('plg_int_identity_ordered') }}
    group by component

),

unfinished as (

    select
        sizes.component,
        coalesce(progress.pass_number, 0) as pass_number,
        coalesce(progress.last_place, 0) as last_place
    from sizes
    left join progress
        on sizes.component = progress.component
    where progress.last_place is null or progress.last_place < sizes.end_place

),

-- Each identifier's person as the last pass that had it left it.
members as (

    select
        component,
        {{ plg._identity_key('left_type', 'left_value') }} as identifier_key,
        person
    from (
        select
            component,
            left_type,
            left_value,
            person,
            row_number() over (partition by component, left_type, left_value order by pass_number desc) as newest_first
        from {{ this }}
        where person is not null
    ) as all_passes
    where newest_first = 1

),

links as (

    select
        ordered.*,
        unfinished.last_place as done_place,
        coalesce(left_members.person, ordered.left_key) as left_person,
        coalesce(right_members.person, ordered.right_key) as right_person
    from {{ ref('plg_int_identity_ordered') }} as ordered
    inner join unfinished
        on ordered.component = unfinished.component
    left join members as left_members
        on ordered.component = left_members.component and ordered.left_key = left_members.identifier_key
    left join members as right_members
        on ordered.component = right_members.component and ordered.right_key = right_members.identifier_key

),

-- Links between persons, which may join them, each with what else its persons bring into the call when they first come.
sides as (

    select component, place, left_person as person
    from links
    where place > done_place and left_person <> right_person

    union all

    select component, place, right_person as person
    from links
    where place > done_place and left_person <> right_person

),

first_places as (

    select
        component,
        person,
        min(place) as place
    from sides
    group by component, person

),

earlier as (

    select
        component,
        left_person as person,
        count(*) as link_count
    from links
    where place <= done_place and left_person = right_person
    group by component, left_person

),

repeated as (

    select
        first_places.component,
        first_places.place,
        sum(earlier.link_count) as link_count
    from first_places
    inner join earlier
        on first_places.component = earlier.component and first_places.person = earlier.person
    group by first_places.component, first_places.place

),

counted as (

    select
        links.component,
        links.place,
        row_number() over (partition by links.component order by links.place) as number_of_links,
        sum(
            case when links.left_person = links.right_person then 0 else 1 end + coalesce(repeated.link_count, 0)
        ) over (
            partition by links.component order by links.place rows between unbounded preceding and current row
        ) as row_count
    from links
    left join repeated
        on links.component = repeated.component and links.place = repeated.place
    where links.place > links.done_place

),

ends as (

    select
        counted.component,
        unfinished.pass_number + 1 as pass_number,
        max(counted.place) as last_place,
        max(counted.row_count) as call_rows
    from counted
    inner join unfinished
        on counted.component = unfinished.component
    -- A single link goes along in any case.
    where counted.row_count <= {{ plg._links_per_call() }} or counted.number_of_links = 1
    group by counted.component, unfinished.pass_number

),

present as (

    select
        first_places.component,
        first_places.person
    from first_places
    inner join ends
        on first_places.component = ends.component
    where first_places.place <= ends.last_place

),

call_rows as (

    select links.*
    from links
    inner join ends
        on links.component = ends.component
    where links.place > links.done_place and links.place <= ends.last_place and links.left_person <> links.right_person

    union all

    select links.*
    from links
    inner join present
        on links.component = present.component and links.left_person = present.person
    where links.place <= links.done_place and links.left_person = links.right_person

),

results as (

    select
        component,
        {{ plg.fn('identity_resolve') }}(
            {{ plg.agg_rows({
                'left_type': 'left_type',
                'left_value': 'left_value',
                'right_type': 'right_type',
                'right_value': 'right_value',
                'first_seen': 'first_seen',
                'last_seen': 'cast(null as ' ~ plg.type_name('timestamp') ~ ')',
                'left_links': 'cast(0 as ' ~ plg.type_name('float') ~ ')',
                'right_links': 'cast(0 as ' ~ plg.type_name('float') ~ ')',
                'left_shared': 'cast(0 as ' ~ plg.type_name('float') ~ ')',
                'right_shared': 'cast(0 as ' ~ plg.type_name('float') ~ ')',
            }) | indent(12) }},
            {{ plg._no_rows(plg._ledger_fields()) }},
            {{ plg.text(plg.guardrails()) }},
            {{ plg.as_of() }}
        ) as result
    from call_rows
    group by component

),

found_members as (

    {{ plg.unnest_result(
        'results',
        keys=['component'],
        path='identifiers',
        fields={'identifier_type': 'string', 'identifier': 'string', 'canonical_id': 'string'}
    ) | indent(4) }}

),

found_refusals as (

    {{ plg.unnest_result(
        'results',
        keys=['component'],
        path='audit',
        fields={
            'reason': 'string', 'left_type': 'string', 'left_value': 'string', 'right_type': 'string',
            'right_value': 'string', 'limited_type': 'string'
        }
    ) | indent(4) }}

)

select
    component,
    pass_number,
    last_place,
    cast(call_rows as {{ plg.type_name('integer') }}) as call_rows,
    {%- for name in ['reason', 'left_type', 'left_value', 'right_type', 'right_value', 'limited_type', 'person'] %}
    cast(null as {{ plg.type_name('string') }}) as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
from ends

union all

select
    ends.component,
    ends.pass_number,
    ends.last_place,
    cast(null as {{ plg.type_name('integer') }}) as call_rows,
    cast(null as {{ plg.type_name('string') }}) as reason,
    found_members.identifier_type as left_type,
    found_members.identifier as left_value,
    cast(null as {{ plg.type_name('string') }}) as right_type,
    cast(null as {{ plg.type_name('string') }}) as right_value,
    cast(null as {{ plg.type_name('string') }}) as limited_type,
    found_members.canonical_id as person
from found_members
inner join ends
    on found_members.component = ends.component

union all

select
    ends.component,
    ends.pass_number,
    ends.last_place,
    cast(null as {{ plg.type_name('integer') }}) as call_rows,
    found_refusals.reason,
    found_refusals.left_type,
    found_refusals.left_value,
    found_refusals.right_type,
    found_refusals.right_value,
    found_refusals.limited_type,
    cast(null as {{ plg.type_name('string') }}) as person
from found_refusals
inner join ends
    on found_refusals.component = ends.component
