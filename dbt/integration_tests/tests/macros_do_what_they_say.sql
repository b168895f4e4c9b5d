-- One row per claim that does not hold.
with claims as (

    select
        'fn qualifies the function' as claim,
        {{ plg.fn('decay_half_life') }}(8.0, 7.0, 7.0) = 4.0 as holds
    union all
    select
        'facts takes expressions' as claim,
        {{ plg.fn('status_case') }}(
            {{ plg.facts({'points': '40 + 2', 'plan': "'free'"}) }},
            {{ plg.text("when points = 42 and plan = 'free' then 'as expected' else 'otherwise'") }},
            {{ plg.as_of() }}
        ) = 'as expected' as holds
    union all
    select
        'field reads nested fields' as claim,
        {{ plg.field("{'a': {'b': 1.5}}", 'a.b', 'float') }} = 1.5 as holds
    union all
    select
        'text keeps quotes, backslashes and line breaks' as claim,
        {{ plg.text("it's a \\ and\na new line") }} = 'it''s a ' || chr(92) || ' and' || chr(10) || 'a new line'
            as holds
    union all
    select
        'text_list makes a list to search' as claim,
        'b' in ({{ plg.text_list(['a', 'b']) }}) as holds
    union all
    select
        'days_before counts from the day of as_of' as claim,
        {{ plg.days_before(2) }} = cast({{ plg.as_of() }} as date) - 2 as holds
    union all
    select
        'agg_events has the fields of score_events' as claim,
        {{ plg.agg_events("'x'", plg.as_of(), '2') }}
            = [{'event': 'x', 'occurred_at': {{ plg.as_of() }}, 'count': 2}] as holds
    union all
    select
        'agg_links has the fields of identity_merge' as claim,
        {{ plg.agg_links("'x'", "'y'") }} = [{'id_a': 'x', 'id_b': 'y'}] as holds

)

select claim
from claims
where holds is not true
