{#-
    What models with few touched rows share. A model computes again what has another fingerprint than before, and forgets
    what is gone, so that a run holds what --full-refresh would.
-#}

{#- An aggregate over the rows of a group: a text that changes when a value of any row does, and not with their order. -#}
{% macro _fingerprint(columns) -%}
    {%- set values = [] -%}
    {%- for column in columns -%}
        {%- set text = 'cast(' ~ column ~ ' as ' ~ plg.type_name('string') ~ ')' -%}
        {#- With its length before it, no value can look like the end of another. -#}
        {%- do values.append(
            'coalesce(cast(length(' ~ text ~ ') as ' ~ plg.type_name('string') ~ ") || ':' || " ~ text ~ ", '-')"
        ) -%}
    {%- endfor -%}
    {%- set row = plg._md5(values | join(' || ')) -%}
    {{ return(plg._md5(dbt.listagg(row, "''", 'order by ' ~ row))) }}
{%- endmacro %}

{#- What the functions and settings add to a fingerprint: another release, or other settings, computes everything anew. -#}
{% macro _computed_with(settings) -%}
    {{ return(plg.fn('version') ~ "() || ' ' || " ~ plg.text(local_md5(settings))) }}
{%- endmacro %}

{% macro _md5(text) -%}
    {{ return(adapter.dispatch('_md5', 'plg')(text)) }}
{%- endmacro %}

{% macro default___md5(text) -%}
    md5({{ text }})
{%- endmacro %}

{% macro bigquery___md5(text) -%}
    to_hex(md5({{ text }}))
{%- endmacro %}

{#-
    The rows of `computed`, a query's name, that the model does not hold yet or holds otherwise, and `updated_at`: the
    as_of of this run, so that a row keeps it while nothing about it changes. `key` is the column that is unique.
-#}
{% macro _changed_rows(computed, key, columns) -%}
select
    computed_rows.{{ key }},
    {%- for column in columns %}
    computed_rows.{{ column }},
    {%- endfor %}
    {{ plg.as_of() }} as updated_at
from {{ computed }} as computed_rows
{%- if is_incremental() %}
left join {{ this }} as stored_rows
    on computed_rows.{{ key }} = stored_rows.{{ key }}
where
    stored_rows.{{ key }} is null
    {%- for column in columns %}
    or computed_rows.{{ column }} <> stored_rows.{{ column }}
    or (computed_rows.{{ column }} is null) <> (stored_rows.{{ column }} is null)
    {%- endfor %}
{%- endif %}
{%- endmacro %}

{#- For a post-hook: what `present` no longer has goes from the model, too. -#}
{% macro _forget_vanished(present, key, condition='true') -%}
    delete from {{ this }} where {{ key }} not in (select {{ key }} from {{ present }} where {{ condition }})
{%- endmacro %}
