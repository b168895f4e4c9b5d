{#-
    A table that grows by its own query: `meta.plg_starts_as` makes it, and then what the query gives, which reads the table, is
    put into it again and again, until there is nothing more.
-#}
{% materialization plg_repeated, default %}
    {%- set relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none -%}
        {%- do adapter.drop_relation(existing) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {{ create_table_as(False, relation, config.get('meta')['plg_starts_as']) }}
    {%- endcall -%}
    {%- set progress = namespace(rows=0, goes_on=true) -%}
    {#- Jinja cannot leave a loop, and has none longer than this. -#}
    {%- for repetition in range(100000) -%}
        {%- if progress.goes_on -%}
            {%- call statement('repetition') -%}
                insert into {{ relation }}
                {{ sql }}
            {%- endcall -%}
            {%- set rows = run_query('select count(*) from ' ~ relation).columns[0].values()[0] -%}
            {%- set progress.goes_on = rows > progress.rows -%}
            {%- set progress.rows = rows -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if progress.goes_on -%}
        {%- do exceptions.raise_compiler_error(this ~ ' still grows after 100000 repetitions') -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [relation]}) }}
{% endmaterialization %}
