{#- The statements of the materialisation plg_components; each macro gives a query. Its tables:
    listed    id_a, id_b                 links as they come, text; a NULL links nothing
    links     a, b                       different links between different nodes, a < b
    nodes     node, representative       what a round makes of the nodes of its links
-#}

{#- The nodes that are linked. -#}
{% macro component_links(listed) -%}
    select distinct
        case when a < b then a else b end as a,
        case when a < b then b else a end as b
    from (
        select
            {{ plg.component_key('id_a') }} as a,
            {{ plg.component_key('id_b') }} as b
        from {{ listed }}
        where id_a is not null and id_b is not null
    ) as keyed
    where a <> b
{%- endmacro %}

{#- Links with both directions. -#}
{% macro component_sides(links) -%}
    select a as node, b as neighbour from {{ links }}
    union all
    select b as node, a as neighbour from {{ links }}
{%- endmacro %}

{#- A contraction (Boegeholz, Brand and Todor 2020): in the order of the round, each node is represented by the first of itself and
its neighbours. It and its representative are linked or the same, so no components are merged, and in a random order two thirds of the
nodes at most are expected to represent any. -#}
{% macro component_contraction(links, round) -%}
    select
        node,
        case
            when {{ plg.component_rank('node', round) }} <= min({{ plg.component_rank('neighbour', round) }}) then node
            else {{ plg.component_first('neighbour', plg.component_rank('neighbour', round)) }}
        end as representative
    from ({{ plg.component_sides(links) }}) as sides
    group by node
{%- endmacro %}

{#- What links representatives after a contraction. -#}
{% macro component_contracted(links, nodes) -%}
    select distinct
        case when a < b then a else b end as a,
        case when a < b then b else a end as b
    from (
        select
            nodes_a.representative as a,
            nodes_b.representative as b
        from {{ links }} as linked
        inner join {{ nodes }} as nodes_a
            on linked.a = nodes_a.node
        inner join {{ nodes }} as nodes_b
            on linked.b = nodes_b.node
    ) as represented
    where a <> b
{%- endmacro %}

{#- The partition of each link, `parts` squared of them: by both nodes, so that no hub fills one. -#}
{% macro component_partitions(links, parts) -%}
    select
        {{ plg.component_part('a', parts) }} * {{ parts }} + {{ plg.component_part('b', parts) }} as part,
        {{ plg.component_key_text('a') }} as a,
        {{ plg.component_key_text('b') }} as b
    from {{ links }}
{%- endmacro %}

{#- Partition-wise merge: the links of each partition in a call, of which a tree per component of the partition remains. -#}
{% macro component_merged(links, parts) -%}
    select distinct
        case when a < b then a else b end as a,
        case when a < b then b else a end as b
    from (
        select
            {{ plg.component_text_key('identifier') }} as a,
            {{ plg.component_text_key('canonical_id') }} as b
        from ({{ plg.component_calls('(' ~ plg.component_partitions(links, parts) ~ ')') }}) as merged
    ) as keyed
    where a <> b
{%- endmacro %}

{#- The last round: one call for what is left. -#}
{% macro component_rest(links) -%}
    select
        {{ plg.component_text_key('identifier') }} as node,
        {{ plg.component_text_key('canonical_id') }} as representative
    from ({{ plg.component_calls('(' ~ plg.component_partitions(links, 1) ~ ')') }}) as merged
{%- endmacro %}

{#- A call per partition of `partitions`, which has the columns part, a and b: identifier, canonical_id. -#}
{% macro component_calls(partitions) -%}
    {{ return(adapter.dispatch('component_calls', 'plg')(partitions)) }}
{%- endmacro %}

{% macro default__component_calls(partitions) -%}
    {%- do plg.unsupported('component_calls') -%}
{%- endmacro %}

{% macro duckdb__component_calls(partitions) -%}
    select item.identifier, item.canonical_id
    from (
        select unnest(plg_identity_components(a, b)) as item
        from {{ partitions }} as partitions
        group by part
    ) as items
{%- endmacro %}

{% macro snowflake__component_calls(partitions) -%}
    select merged_part.identifier, merged_part.canonical_id
    from {{ partitions }} as partitions,
        table({{ plg.fn('identity_components') }}(partitions.a, partitions.b) over (partition by partitions.part)) as merged_part
{%- endmacro %}

{% macro bigquery__component_calls(partitions) -%}
    select item.identifier, item.canonical_id
    from (
        select {{ plg.fn('identity_components') }}(a, b) as items
        from {{ partitions }} as partitions
        group by part
    ) as called
    cross join unnest(called.items) as item
{%- endmacro %}

{#- The nodes of a round with the representatives of the rounds after it. -#}
{% macro component_followed(nodes, later) -%}
    select
        earlier.node,
        coalesce(followed.representative, earlier.representative) as representative
    from {{ nodes }} as earlier
    left join {{ later }} as followed
        on earlier.representative = followed.node
{%- endmacro %}

{#- Every identifier once with its node's representative; `nodes` none where no links are. -#}
{% macro component_numbered(listed, nodes=none) -%}
    select
        identifiers.identifier,
        {%- if nodes %}
        coalesce(represented.representative, {{ plg.component_key('identifiers.identifier') }}) as component
        {%- else %}
        {{ plg.component_key('identifiers.identifier') }} as component
        {%- endif %}
    from (
        select distinct identifier
        from (
            select id_a as identifier from {{ listed }}
            union all
            select id_b as identifier from {{ listed }}
        ) as sides
        where identifier is not null
    ) as identifiers
    {%- if nodes %}
    left join {{ nodes }} as represented
        on {{ plg.component_key('identifiers.identifier') }} = represented.node
    {%- endif %}
{%- endmacro %}

{#- The result: identifier and component, the smallest identifier in it by bytes, whatever names the component in `numbered`. -#}
{% macro component_labelled(numbered) -%}
    select
        numbered.identifier,
        smallest.identifier as component
    from {{ numbered }} as numbered
    inner join (
        select
            component,
            min(identifier) as identifier
        from {{ numbered }}
        group by component
    ) as smallest
        on numbered.component = smallest.component
{%- endmacro %}

{#- All at once, where one call may hold the links: identifier, component. Links of the same table in no partition. -#}
{% macro component_call(listed) -%}
    select
        identifier,
        canonical_id as component
    from ({{ plg.component_calls('(select 1 as part, id_a as a, id_b as b from ' ~ listed ~ ')') }}) as called
{%- endmacro %}

{#- DuckDB's own way: the component of each link, in the order of the table's rows. A table of the same transaction does not number
its rows from 0 on. -#}
{% macro component_of_links(listed) -%}
    select unnest(plg_link_components(rowid - (select min(rowid) from {{ listed }}), id_a, id_b), recursive := true)
    from {{ listed }}
{%- endmacro %}

{#- Every identifier once with the number of its component: each has one side of a link that stands for it. -#}
{% macro component_of_identifiers(listed, components) -%}
    select id_a as identifier, component
    from {{ listed }}
    positional join {{ components }}
    where lists_a
    union all
    select id_b as identifier, component
    from {{ listed }}
    positional join {{ components }}
    where lists_b
{%- endmacro %}
