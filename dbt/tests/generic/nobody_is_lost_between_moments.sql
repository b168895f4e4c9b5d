{#- Who is in a stage at one moment comes from some stage at the next one: as many leave each stage as were in it. -#}
{% test nobody_is_lost_between_moments(model) %}

with moments as (

    select
        as_of,
        lag(as_of) over (order by as_of) as earlier_as_of
    from (select distinct as_of from {{ model }}) as distinct_moments

),

balance as (

    select
        moments.as_of,
        flow.to_stage as stage,
        flow.workspaces as surplus
    from {{ model }} as flow
    inner join moments on flow.as_of = moments.earlier_as_of
    where flow.to_stage is not null

    union all

    select
        as_of,
        from_stage as stage,
        -workspaces as surplus
    from {{ model }}
    where from_stage is not null

)

select
    as_of,
    stage
from balance
group by as_of, stage
having sum(surplus) != 0

{% endtest %}
