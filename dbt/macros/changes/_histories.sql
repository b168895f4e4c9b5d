{#-
    Stops a run of a history for an earlier moment than it holds. `later` is a condition on its rows, `content` says what they
    hold then, `name` who says so.
-#}
{% macro _only_forwards(name, later, content) -%}
    {%- if execute and is_incremental() -%}
        {%- set rows = run_query('select count(*) from ' ~ this ~ ' where ' ~ later).columns[0].values()[0] -%}
        {%- if rows > 0 -%}
            {%- do exceptions.raise_compiler_error(
                name ~ ': ' ~ this ~ ' holds ' ~ content ~ ': histories only go forwards'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- The same of spells: nothing may have begun or ended after as_of. -#}
{% macro _spells_only_forwards(name) -%}
    {%- do plg._only_forwards(
        name, 'entered_at > ' ~ plg.as_of() ~ ' or left_at > ' ~ plg.as_of(), 'what happened after as_of'
    ) -%}
{%- endmacro %}
