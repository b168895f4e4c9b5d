{#-
    A table on DuckDB, made in its place: one transaction drops the old one and makes the new one, and who reads meanwhile sees
    the old one. The adapter's own `table` makes it under another name, renames twice and drops once more, which over all models
    of this package was a fifth of a day's run. What reads the table that it replaces, has foreign keys or partitions, or is
    written in Python, wants `table`.
-#}
{% materialization plg_table, adapter="duckdb" %}
    {{ return(plg._made_in_place('table')) }}
{% endmaterialization %}

{#- The same for a view. -#}
{% materialization plg_view, adapter="duckdb" %}
    {{ return(plg._made_in_place('view')) }}
{% endmaterialization %}

{% macro _made_in_place(type) -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type=type) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- In one statement: dbt begins the transaction with it, and would drop a relation before. -#}
    {%- call statement('main') -%}
        {%- if existing is not none %}
        {{ get_drop_sql(existing) }};
        {%- endif %}
        {{ get_create_view_as_sql(relation, sql) if type == 'view' else get_create_table_as_sql(False, relation, sql) }}
    {%- endcall -%}
    {%- if existing is not none -%}
        {%- do adapter.cache_dropped(existing) -%}
    {%- endif -%}
    {%- if type == 'table' -%}
        {%- do create_indexes(relation) -%}
    {%- endif -%}
    {%- do persist_docs(relation, model) -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{%- endmacro %}
