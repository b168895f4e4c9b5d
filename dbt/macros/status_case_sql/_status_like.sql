{#-
    `text LIKE pattern ESCAPE 'c'`. A pattern that is a literal is written anew with as few escapes as it needs, in the
    way of the warehouse; any other one is translated for BigQuery, whose escape is always the backslash.
-#}
{% macro _status_like(printing, node) -%}
    {%- set text = plg._status_sql(printing, node['parts'][0], 'a text') -%}
    {%- set escape = node['escape'] -%}
    {%- set bigquery = printing['warehouse'] == 'bigquery' -%}
    {%- if node['parts'][1]['kind'] != 'text' -%}
        {%- set pattern = plg._status_sql(printing, node['parts'][1], 'a text') -%}
        {%- if bigquery -%}
            {%- set pattern = plg._status_pattern_with_backslashes(pattern, escape) -%}
        {%- elif escape -%}
            {%- set pattern = pattern ~ ' escape ' ~ plg._status_literal(printing, escape) -%}
        {%- endif -%}
        {{ return('(' ~ text ~ ' like ' ~ pattern ~ ')') }}
    {%- endif -%}

    {%- set reader = namespace(escaped=false, needs_escape=false) -%}
    {%- set items = [] -%}
    {%- for character in node['parts'][1]['value'] | list -%}
        {%- if escape and character == escape and not reader.escaped -%}
            {%- set reader.escaped = true -%}
        {%- else -%}
            {%- set literal = reader.escaped or character not in ['%', '_'] -%}
            {%- set special = literal and character in ['%', '_'] -%}
            {%- set reader.needs_escape = reader.needs_escape or special -%}
            {%- do items.append([character, special]) -%}
            {%- set reader.escaped = false -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if reader.escaped -%}
        {#- Nothing is like a pattern that ends with its escape character. -#}
        {{ return('(case when ' ~ text ~ ' is not null then false end)') }}
    {%- endif -%}
    {%- set mark = '\\' if bigquery else escape if reader.needs_escape else '' -%}
    {%- set pattern = [] -%}
    {%- for character, special in items -%}
        {%- do pattern.append(mark ~ character if special or character == mark else character) -%}
    {%- endfor -%}
    {%- set clause = ' escape ' ~ plg._status_literal(printing, mark) if mark and not bigquery else '' -%}
    {{ return('(' ~ text ~ ' like ' ~ plg._status_literal(printing, pattern | join) ~ clause ~ ')') }}
{%- endmacro %}

{#-
    A pattern that is known only when the query runs, for BigQuery. Backslashes are doubled; what the escape character
    precedes gets a mark (of private use) that becomes a backslash, unless a backslash is there already.
-#}
{% macro _status_pattern_with_backslashes(pattern, escape) -%}
    {%- if escape == '\\' -%}
        {{ return(pattern) }}
    {%- endif -%}
    {%- set doubled = 'replace(' ~ pattern ~ ", '\\\\', '\\\\\\\\')" -%}
    {%- if not escape -%}
        {{ return(doubled) }}
    {%- endif -%}
    {%- set escaped = plg.bigquery__text('(?s)' ~ modules.re.escape(escape) ~ '(\\\\\\\\|.)') -%}
    {{ return(
        'replace(replace(regexp_replace(' ~ doubled ~ ', ' ~ escaped ~ ", '\\ue000\\\\1'), "
        ~ "'\\ue000\\\\\\\\', '\\\\\\\\'), '\\ue000', '\\\\')"
    ) }}
{%- endmacro %}
