{#- Rounds until one call may hold the links, then that call. Gives the nodes of the first round with their components, none
without links. -#}
{% macro _component_contract(state, listed, per_call) -%}
    {%- set loop_state = namespace(links=none, count=0, maps=[], is_done=false) -%}
    {%- set loop_state.links = plg._component_work(state, 'links_0', plg._component_links(listed)) -%}
    {%- for round in range(1, 200) if not loop_state.is_done %}
        {%- set loop_state.count = plg._component_count(loop_state.links) -%}
        {%- do plg._component_start(state) -%}
        {%- set parts = plg._component_parts(loop_state.links, loop_state.count, per_call) -%}
        {%- if loop_state.count == 0 %}
            {%- set loop_state.is_done = true -%}
        {%- elif loop_state.count <= per_call %}
            {%- do loop_state.maps.append(plg._component_work(state, 'nodes_' ~ round, plg._component_rest(loop_state.links))) -%}
            {%- do plg._component_round(state, 'call', loop_state.count) -%}
            {%- set loop_state.is_done = true -%}
        {%- elif parts > 0 %}
            {%- set loop_state.links = plg._component_work(state, 'links_' ~ round, plg._component_merged(loop_state.links, parts)) -%}
            {%- do plg._component_round(state, 'partition-wise merge', loop_state.count) -%}
        {%- else %}
            {%- set nodes = plg._component_work(state, 'nodes_' ~ round, plg._component_contraction(loop_state.links, round)) -%}
            {%- set contracted = plg._component_work(state, 'links_' ~ round, plg._component_contracted(loop_state.links, nodes)) -%}
            {%- do plg._component_round(state, 'contraction', loop_state.count) -%}
            {%- do loop_state.maps.append(nodes) -%}
            {%- set loop_state.links = contracted -%}
        {%- endif %}
    {%- endfor %}
    {%- if not loop_state.is_done %}
        {%- do exceptions.raise_compiler_error('plg: the components are not done after 200 rounds') -%}
    {%- endif %}
    {%- set followed = namespace(nodes=none) -%}
    {%- for nodes in loop_state.maps | reverse %}
        {%- if followed.nodes is none %}
            {%- set followed.nodes = nodes -%}
        {%- else %}
            {%- set followed.nodes = plg._component_work(state, 'followed_' ~ loop.revindex, plg._component_followed(nodes, followed.nodes)) -%}
        {%- endif %}
    {%- endfor %}
    {{ return(followed.nodes) }}
{%- endmacro %}

{#- Into how many parts by each node a partition-wise merge divides the links, 0 where a contraction is better. A merge leaves no more
links than its partitions have nodes, so it is worth a pass where they have half as many: in dense graphs. And no call may hold too
many links, which a hub could bring about. -#}
{% macro _component_parts(links, count, per_call) -%}
    {%- if count <= per_call %}
        {{ return(0) }}
    {%- endif %}
    {%- set wanted = namespace(parts=2) -%}
    {%- for parts in range(2, 1000) if parts * parts * per_call < count * 2 %}
        {%- set wanted.parts = parts + 1 -%}
    {%- endfor %}
    {%- set found -%}
        select count(*) as node_count
        from (
            select a as node from {{ links }}
            union
            {%- if target.type == 'bigquery' %} distinct{% endif %}
            select b as node from {{ links }}
        ) as nodes
    {%- endset -%}
    {%- if count < 4 * wanted.parts * (run_query(found).rows[0][0] | int) %}
        {{ return(0) }}
    {%- endif %}
    {%- set largest -%}
        select max(link_count) as link_count
        from (
            select
                part,
                count(*) as link_count
            from ({{ plg._component_partitions(links, wanted.parts) }}) as partitions
            group by part
        ) as counted
    {%- endset -%}
    {{ return(wanted.parts if (run_query(largest).rows[0][0] | int) <= per_call else 0) }}
{%- endmacro %}

{#- A relation beside the model's table. -#}
{% macro _component_beside(suffix) -%}
    {{ return(api.Relation.create(
        database=this.database, schema=this.schema, identifier=this.identifier ~ '_' ~ suffix, type='table'
    )) }}
{%- endmacro %}

{#- Makes a table of a query. -#}
{% macro _component_create(relation, query) -%}
    {%- do adapter.drop_relation(relation) -%}
    {%- do run_query(create_table_as(False, relation, query)) -%}
{%- endmacro %}

{#- Makes a table that is dropped in the end. -#}
{% macro _component_work(state, suffix, query) -%}
    {%- set relation = plg._component_beside('_' ~ suffix) -%}
    {%- do plg._component_create(relation, query) -%}
    {%- do state.work.append(relation) -%}
    {{ return(relation) }}
{%- endmacro %}

{% macro _component_count(relation) -%}
    {{ return(run_query('select count(*) as row_count from ' ~ relation).rows[0][0] | int) }}
{%- endmacro %}

{#- DuckDB: whether a table's rows stay in the order in which they are made, which answers by links must; with other tables threads
need not wait for each other. Gives what was set before. -#}
{% macro _component_ordered(value) -%}
    {%- set before = run_query("select current_setting('preserve_insertion_order')").rows[0][0] -%}
    {%- do run_query('set preserve_insertion_order = ' ~ value) -%}
    {{ return('true' if before else 'false') }}
{%- endmacro %}

{% macro _component_start(state) -%}
    {%- set state.started = modules.datetime.datetime.now() -%}
{%- endmacro %}

{#- Notes what has been merged since the start. -#}
{% macro _component_round(state, kind, links) -%}
    {%- set seconds = (modules.datetime.datetime.now() - state.started).total_seconds() -%}
    {%- do state.rounds.append({'kind': kind, 'links': links, 'seconds': seconds}) -%}
    {%- do log(model.name ~ ': round ' ~ state.rounds | length ~ ', ' ~ kind ~ ' of ' ~ links ~ ' links, ' ~ seconds | round(3) ~ ' s', info=true) -%}
{%- endmacro %}

{% macro _component_report(rounds) -%}
    {%- for merged in rounds or [none] %}
    select
        cast({{ loop.index if merged else 'null' }} as {{ plg.type_name('integer') }}) as round,
        cast({{ plg.text(merged.kind) if merged else 'null' }} as {{ plg.type_name('string') }}) as kind,
        cast({{ merged.links if merged else 'null' }} as {{ plg.type_name('integer') }}) as links,
        cast({{ merged.seconds if merged else 'null' }} as {{ plg.type_name('float') }}) as seconds
        {{- '' if merged else '\n    where 1 = 0' }}
    {{- '\n    union all\n' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
