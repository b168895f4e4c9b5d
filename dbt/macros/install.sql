{% macro install(dry_run=false, extension=none) -%}
    {#- Hooks of a project do not run before an operation. -#}
    {%- if extension and execute and not dry_run -%}
        {%- do run_query("load '" ~ extension ~ "'") -%}
    {%- endif -%}
    {%- for statement in plg._install_statements() -%}
        {%- set statement = adapter.dispatch('_install_named', 'plg')(statement) -%}
        {%- if dry_run -%}
            {%- do print(statement ~ ';\n') -%}
        {%- elif execute -%}
            {%- do run_query(statement) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- The statements of the warehouse's install.sql; `cargo xtask dist` writes them into the package that a release holds. -#}
{% macro _install_statements() -%}
    {{ return(adapter.dispatch('_install_statements', 'plg')()) }}
{%- endmacro %}

{% macro default___install_statements() -%}
    {%- do exceptions.raise_compiler_error(
        'plg.install: this copy of the package holds no install scripts; use the package of a release, or run install.sql of '
        ~ 'the release for ' ~ target.type
    ) -%}
{%- endmacro %}

{#- A statement with the names that plg.fn will call: the scripts have names of their own. -#}
{% macro default___install_named(statement) -%}
    {%- if plg.fn('version') != 'plg.version' -%}
        {%- do exceptions.raise_compiler_error('plg.install: on DuckDB the functions are in the schema plg') -%}
    {%- endif -%}
    {{ return(statement) }}
{%- endmacro %}

{#- Only the first two statements name the schema. -#}
{% macro snowflake___install_named(statement) -%}
    {%- if statement in ['CREATE SCHEMA IF NOT EXISTS plg', 'USE SCHEMA plg'] -%}
        {%- set place = (var('plg_functions_database', none) or target.database) ~ '.'
            ~ var('plg_functions_schema', 'plg') -%}
        {{ return(statement[:-3] ~ place) }}
    {%- endif -%}
    {{ return(statement) }}
{%- endmacro %}

{#- Each statement by itself: all together they are longer than BigQuery takes. -#}
{% macro bigquery___install_named(statement) -%}
    {%- set place = (var('plg_functions_database', none) or target.database) ~ '.'
        ~ var('plg_functions_schema', 'plg') -%}
    {%- set named = statement | replace('`YOUR_PROJECT.plg', '`' ~ place) -%}
    {%- if target.get('location') -%}
        {%- set named = named | replace("location = 'US'", "location = '" ~ target.location ~ "'") -%}
    {%- endif -%}
    {{ return(named) }}
{%- endmacro %}
