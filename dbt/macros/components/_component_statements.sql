{#- A node of the graph: 16 bytes that stand for an identifier, so that rounds move no texts. Two of ten billion identifiers have
the same with a probability of 10^-19. -#}
{% macro _component_key(identifier) -%}
    {{ return(adapter.dispatch('_component_key', 'plg')(identifier)) }}
{%- endmacro %}

{% macro default___component_key(identifier) -%}
    {%- do plg.unsupported('_component_key') -%}
{%- endmacro %}

{% macro duckdb___component_key(identifier) -%}
    md5_number({{ identifier }})
{%- endmacro %}

{% macro snowflake___component_key(identifier) -%}
    md5_binary({{ identifier }})
{%- endmacro %}

{% macro bigquery___component_key(identifier) -%}
    md5({{ identifier }})
{%- endmacro %}

{#- The node as the text that identity_components takes. -#}
{% macro _component_key_text(key) -%}
    {{ return(adapter.dispatch('_component_key_text', 'plg')(key)) }}
{%- endmacro %}

{% macro default___component_key_text(key) -%}
    {%- do plg.unsupported('_component_key_text') -%}
{%- endmacro %}

{#- Hexadecimal: DuckDB takes 20 microseconds for 39 decimal digits. -#}
{% macro duckdb___component_key_text(key) -%}
    hex({{ key }})
{%- endmacro %}

{% macro snowflake___component_key_text(key) -%}
    hex_encode({{ key }})
{%- endmacro %}

{% macro bigquery___component_key_text(key) -%}
    to_hex({{ key }})
{%- endmacro %}

{#- The node that such a text stands for. -#}
{% macro _component_text_key(text) -%}
    {{ return(adapter.dispatch('_component_text_key', 'plg')(text)) }}
{%- endmacro %}

{% macro default___component_text_key(text) -%}
    {%- do plg.unsupported('_component_text_key') -%}
{%- endmacro %}

{% macro duckdb___component_text_key(text) -%}
    cast('0x' || {{ text }} as uhugeint)
{%- endmacro %}

{% macro snowflake___component_text_key(text) -%}
    hex_decode_binary({{ text }})
{%- endmacro %}

{% macro bigquery___component_text_key(text) -%}
    from_hex({{ text }})
{%- endmacro %}

{#- The rank of a node in a round: another order every round, the same in every run. -#}
{% macro _component_rank(key, round) -%}
    {{ return(adapter.dispatch('_component_rank', 'plg')(key, round)) }}
{%- endmacro %}

{% macro default___component_rank(key, round) -%}
    {%- do plg.unsupported('_component_rank') -%}
{%- endmacro %}

{% macro duckdb___component_rank(key, round) -%}
    hash({{ key }}, {{ round }})
{%- endmacro %}

{% macro snowflake___component_rank(key, round) -%}
    hash({{ key }}, {{ round }})
{%- endmacro %}

{% macro bigquery___component_rank(key, round) -%}
    farm_fingerprint(concat(to_hex({{ key }}), ' {{ round }}'))
{%- endmacro %}

{#- Which of so many parts a node or a text is in, from 0 on, always the same. -#}
{% macro _component_part(key, parts) -%}
    {{ return(adapter.dispatch('_component_part', 'plg')(key, parts)) }}
{%- endmacro %}

{% macro default___component_part(key, parts) -%}
    {%- do plg.unsupported('_component_part') -%}
{%- endmacro %}

{% macro duckdb___component_part(key, parts) -%}
    cast(hash({{ key }}) % {{ parts }} as bigint)
{%- endmacro %}

{% macro snowflake___component_part(key, parts) -%}
    mod(abs(hash({{ key }})), {{ parts }})
{%- endmacro %}

{% macro bigquery___component_part(key, parts) -%}
    abs(mod(farm_fingerprint({{ key }}), {{ parts }}))
{%- endmacro %}

{#- The value of the row with the smallest rank. -#}
{% macro _component_first(value, rank) -%}
    {{ return(adapter.dispatch('_component_first', 'plg')(value, rank)) }}
{%- endmacro %}

{% macro default___component_first(value, rank) -%}
    {%- do plg.unsupported('_component_first') -%}
{%- endmacro %}

{% macro duckdb___component_first(value, rank) -%}
    arg_min({{ value }}, {{ rank }})
{%- endmacro %}

{% macro snowflake___component_first(value, rank) -%}
    min_by({{ value }}, {{ rank }})
{%- endmacro %}

{% macro bigquery___component_first(value, rank) -%}
    any_value({{ value }} having min {{ rank }})
{%- endmacro %}

{#- How many links one call may hold. DuckDB keeps 56 bytes for each; BigQuery's JavaScript may return about 5 MB. -#}
{% macro _component_links_per_call() -%}
    {{ return(var('plg_component_links_per_call', none) or adapter.dispatch('_component_links_per_call_here', 'plg')()) }}
{%- endmacro %}

{% macro default___component_links_per_call_here() -%}
    {{ return(100000) }}
{%- endmacro %}

{% macro duckdb___component_links_per_call_here() -%}
    {{ return(50000000) }}
{%- endmacro %}

{% macro bigquery___component_links_per_call_here() -%}
    {{ return(20000) }}
{%- endmacro %}

{#- The statements of the materialisation plg_components; each macro gives a query. Its tables:
    listed    id_a, id_b                 links as they come, text; a NULL links nothing
    links     a, b                       different links between different nodes, a < b
    nodes     node, representative       what a round makes of the nodes of its links
-#}

{#- The nodes that are linked. -#}
{% macro _component_links(listed) -%}
    select distinct
        case when a < b then a else b end as a,
        case when a < b then b else a end as b
    from (
        select
            {{ plg._component_key('id_a') }} as a,
            {{ plg._component_key('id_b') }} as b
        from {{ listed }}
        where id_a is not null and id_b is not null
    ) as keyed
    where a <> b
{%- endmacro %}

{#- Links with both directions. -#}
{% macro _component_sides(links) -%}
    select a as node, b as neighbour from {{ links }}
    union all
    select b as node, a as neighbour from {{ links }}
{%- endmacro %}

{#- A contraction (Boegeholz, Brand and Todor 2020): in the order of the round, each node is represented by the first of itself and
its neighbours. It and its representative are linked or the same, so no components are merged, and in a random order two thirds of the
nodes at most are expected to represent any. -#}
{% macro _component_contraction(links, round) -%}
    select
        node,
        case
            when {{ plg._component_rank('node', round) }} <= min({{ plg._component_rank('neighbour', round) }}) then node
            else {{ plg._component_first('neighbour', plg._component_rank('neighbour', round)) }}
        end as representative
    from ({{ plg._component_sides(links) }}) as sides
    group by node
{%- endmacro %}

{#- What links representatives after a contraction. -#}
{% macro _component_contracted(links, nodes) -%}
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
{% macro _component_partitions(links, parts) -%}
    select
        {{ plg._component_part('a', parts) }} * {{ parts }} + {{ plg._component_part('b', parts) }} as part,
        {{ plg._component_key_text('a') }} as a,
        {{ plg._component_key_text('b') }} as b
    from {{ links }}
{%- endmacro %}

{#- Partition-wise merge: the links of each partition in a call, of which a tree per component of the partition remains. -#}
{% macro _component_merged(links, parts) -%}
    select distinct
        case when a < b then a else b end as a,
        case when a < b then b else a end as b
    from (
        select
            {{ plg._component_text_key('identifier') }} as a,
            {{ plg._component_text_key('canonical_id') }} as b
        from ({{ plg._component_calls('(' ~ plg._component_partitions(links, parts) ~ ')') }}) as merged
    ) as keyed
    where a <> b
{%- endmacro %}

{#- The last round: one call for what is left. -#}
{% macro _component_rest(links) -%}
    select
        {{ plg._component_text_key('identifier') }} as node,
        {{ plg._component_text_key('canonical_id') }} as representative
    from ({{ plg._component_calls('(' ~ plg._component_partitions(links, 1) ~ ')') }}) as merged
{%- endmacro %}

{#- A call per partition of `partitions`, which has the columns part, a and b: identifier, canonical_id. -#}
{% macro _component_calls(partitions) -%}
    {{ return(adapter.dispatch('_component_calls', 'plg')(partitions)) }}
{%- endmacro %}

{% macro default___component_calls(partitions) -%}
    {%- do plg.unsupported('_component_calls') -%}
{%- endmacro %}

{% macro duckdb___component_calls(partitions) -%}
    select item.identifier, item.canonical_id
    from (
        select unnest(plg_identity_components(a, b)) as item
        from {{ partitions }} as partitions
        group by part
    ) as items
{%- endmacro %}

{% macro snowflake___component_calls(partitions) -%}
    select merged_part.identifier, merged_part.canonical_id
    from {{ partitions }} as partitions,
        table({{ plg.fn('identity_components') }}(partitions.a, partitions.b) over (partition by partitions.part)) as merged_part
{%- endmacro %}

{% macro bigquery___component_calls(partitions) -%}
    select item.identifier, item.canonical_id
    from (
        select {{ plg.fn('identity_components') }}(a, b) as items
        from {{ partitions }} as partitions
        group by part
    ) as called
    cross join unnest(called.items) as item
{%- endmacro %}

{#- The nodes of a round with the representatives of the rounds after it. -#}
{% macro _component_followed(nodes, later) -%}
    select
        earlier.node,
        coalesce(followed.representative, earlier.representative) as representative
    from {{ nodes }} as earlier
    left join {{ later }} as followed
        on earlier.representative = followed.node
{%- endmacro %}

{#- Every identifier once with its node's representative; `nodes` none where no links are. -#}
{% macro _component_numbered(listed, nodes=none) -%}
    select
        identifiers.identifier,
        {%- if nodes %}
        coalesce(represented.representative, {{ plg._component_key('identifiers.identifier') }}) as component
        {%- else %}
        {{ plg._component_key('identifiers.identifier') }} as component
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
        on {{ plg._component_key('identifiers.identifier') }} = represented.node
    {%- endif %}
{%- endmacro %}

{#- The result: identifier and component, the smallest identifier in it by bytes, whatever names the component in `numbered`. -#}
{% macro _component_labelled(numbered) -%}
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
{% macro _component_call(listed) -%}
    select
        identifier,
        canonical_id as component
    from ({{ plg._component_calls('(select 1 as part, id_a as a, id_b as b from ' ~ listed ~ ')') }}) as called
{%- endmacro %}

{#- DuckDB's own way: the component of each link, in the order of the table's rows. A table of the same transaction does not number
its rows from 0 on. -#}
{% macro _component_of_links(listed) -%}
    select unnest(plg_link_components(rowid - (select min(rowid) from {{ listed }}), id_a, id_b), recursive := true)
    from {{ listed }}
{%- endmacro %}

{#- Every identifier once with the number of its component: each has one side of a link that stands for it. -#}
{% macro _component_of_identifiers(listed, components) -%}
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
