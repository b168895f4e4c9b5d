{%- set limit = plg._links_per_call() -%}
-- Small groups share a call, as many as fit: hashing spreads them, and within a part they are counted through. The rows of a
-- part that begin in the same half of a call are a bucket; none of its groups is larger than the other half.
with grouped_rows as (

    select
        group_key,
        component,
        count(*) as row_count
    from {{ ref('plg_int_identity_group_rows') }}
    group by group_key, component

),

totals as (

    select cast(ceil(sum(row_count) / {{ limit }}) as {{ plg.type_name('integer') }}) + 1 as parts
    from grouped_rows

),

sized as (

    select
        grouped_rows.group_key,
        grouped_rows.component,
        grouped_rows.row_count,
        grouped_rows.row_count > {{ limit // 2 }} as is_alone,
        {{ plg._component_part('grouped_rows.group_key', 'totals.parts') }} as part
    from grouped_rows
    cross join totals

),

counted as (

    select
        sized.*,
        sum(row_count) over (
            partition by part, is_alone order by group_key rows between unbounded preceding and current row
        ) - row_count as rows_before,
        row_number() over (partition by part, is_alone order by group_key) as place
    from sized

)

select
    group_key,
    component,
    row_count,
    cast(part as {{ plg.type_name('string') }}) || case when is_alone then '.' else '-' end || cast(
        case when is_alone then place else cast(floor(rows_before / {{ [limit // 2, 1] | max }}) as {{ plg.type_name('integer') }}) end
        as {{ plg.type_name('string') }}
    ) as bucket
from counted
