{#- Connected components of links, whatever their number. The model selects links: id_a and id_b, text, either NULL for an identifier
without link. The table has every identifier once: identifier and component, the smallest identifier that chains of links connect
it with. Beside it stands a table with `_rounds` behind its name, a row per statement that merged: round, kind, links, seconds.

No call holds more than plg_component_links_per_call links. More are contracted before, statement by statement, until one call may
hold what is left: docs/scale.md. -#}
{% materialization plg_components, default %}
    {%- set per_call = plg._component_links_per_call() | int -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set state = namespace(rounds=[], work=[], started=none) -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set existing = load_cached_relation(this) -%}

    {%- set listed = plg._component_work(state, 'listed', sql) -%}
    {%- set count = plg._component_count(listed) -%}
    {%- do plg._component_start(state) -%}
    {%- if count <= per_call and target.type == 'duckdb' and count > 0 %}
        {%- set ordered = plg._component_ordered('true') -%}
        {%- set components = plg._component_work(state, 'components', plg._component_of_links(listed)) -%}
        {%- do plg._component_round(state, 'call', count) -%}
        {%- do plg._component_ordered('false') -%}
        {%- set numbered = plg._component_work(state, 'numbered', plg._component_of_identifiers(listed, components)) -%}
        {%- do plg._component_ordered(ordered) -%}
        {%- set query = plg._component_labelled(numbered) -%}
    {%- elif count <= per_call and target.type != 'duckdb' %}
        {%- set query = plg._component_call(listed) -%}
    {%- else %}
        {%- set nodes = plg._component_contract(state, listed, per_call) -%}
        {%- set numbered = plg._component_work(state, 'numbered', plg._component_numbered(listed, nodes)) -%}
        {%- set query = plg._component_labelled(numbered) -%}
    {%- endif %}

    {#- The others replace a table in one statement. DuckDB takes back what a transaction drops if it fails. -#}
    {%- if existing is not none and (target.type == 'duckdb' or not existing.is_table) %}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif %}
    {% call statement('main') -%}
        {{ create_table_as(False, target_relation, query) }}
    {%- endcall %}
    {%- if count <= per_call and target.type != 'duckdb' %}
        {#- There the last statement is the call. -#}
        {%- do plg._component_round(state, 'call', count) -%}
    {%- endif %}
    {%- do plg._component_create(plg._component_beside('rounds'), plg._component_report(state.rounds)) -%}
    {%- for relation in state.work %}
        {%- do adapter.drop_relation(relation) -%}
    {%- endfor %}

    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) -%}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
