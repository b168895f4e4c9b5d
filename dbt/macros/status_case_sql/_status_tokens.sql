{#-
    A rule text as tokens. The kind of a token is a keyword in upper case, a sign, or one of name, number, text, compare
    and end. Reading ends at what is no token: the parser may well stop before it gets there.
-#}
{% macro _status_tokens(text) -%}
    {%- set keywords = [
        'AND', 'AS_OF', 'BETWEEN', 'CASE', 'CAST', 'DATE', 'DISTINCT', 'ELSE', 'END', 'FALSE', 'FROM', 'IN', 'INTERVAL',
        'IS', 'LIKE', 'NOT', 'NULL', 'OR', 'SELECT', 'THEN', 'TIMESTAMP', 'TRUE', 'UNKNOWN', 'WHEN',
    ] -%}
    {%- set pattern = modules.re.compile(
        '(?P<blank>(?:[ \\t-\\r]|--[^\\n]*)+)'
        ~ '|(?P<word>[A-Za-z_][A-Za-z0-9_]*)'
        ~ '|(?P<number>(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.]))'
        ~ "|(?P<text>'[^']*(?:''[^']*)*'(?!'))"
        ~ '|(?P<name>"[^"]*(?:""[^"]*)*"(?!"))'
        ~ '|(?P<compare><=|<>|>=|!=|[=<>])'
        ~ '|(?P<sign>[(),+*-]|/(?!\\*)|%(?![-+]))'
    ) -%}
    {%- set tokens = [] -%}
    {%- set reader = namespace(at=0) -%}
    {#- Every turn reads at least one character. -#}
    {%- for _ in range(text | length + 1) -%}
        {%- set at = reader.at -%}
        {#- By slices and lengths: the positions of dbt v2's matches are bytes, and it matches from the start only. -#}
        {%- set found = pattern.match(text[at:]) -%}
        {%- if found -%}
            {%- set source = found.group() -%}
            {%- set kind = found.lastgroup -%}
            {%- set reader.at = at + source | length -%}
            {%- if kind == 'word' -%}
                {%- set kind = source | upper if source | upper in keywords else 'name' -%}
            {%- elif kind == 'sign' -%}
                {%- set kind = source -%}
            {%- endif -%}
            {%- if kind != 'blank' -%}
                {%- do tokens.append({'kind': kind, 'at': at, 'source': source, 'fault': none}) -%}
            {%- endif -%}
        {%- elif text[at:at + 2] == '/*' and plg._status_comment_end(text, at) -%}
            {%- set reader.at = plg._status_comment_end(text, at) -%}
        {%- else -%}
            {%- set first = text[at:at + 1] -%}
            {%- set fault = none -%}
            {%- if text[at:at + 2] == '/*' -%}
                {%- set fault = 'this comment has no end' -%}
            {%- elif first in ["'", '"'] and first -%}
                {%- set fault = 'the closing quote is missing' -%}
            {%- elif modules.re.match('\\.?[0-9]', text[at:at + 2]) -%}
                {%- set fault = 'this is not a number' -%}
            {%- elif modules.re.match('[^\\x00-\\x7f]', first) -%}
                {%- set fault = 'names with other characters than a-z, 0-9 and _ need double quotes' -%}
            {%- elif first -%}
                {%- set fault = 'this character has no meaning here' -%}
            {%- endif -%}
            {%- do tokens.append({'kind': 'fault' if fault else 'end', 'at': at, 'source': '', 'fault': fault}) -%}
            {{ return(tokens) }}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- Where a block comment ends, none if it does not; block comments nest. -#}
{% macro _status_comment_end(text, at) -%}
    {%- set reader = namespace(open=0, at=at) -%}
    {%- set pattern = modules.re.compile('[\\s\\S]*?(/\\*|\\*/)') -%}
    {%- for _ in range(text | length) -%}
        {%- set found = pattern.match(text[reader.at:]) -%}
        {%- if not found -%}
            {{ return(none) }}
        {%- endif -%}
        {%- set reader.at = reader.at + found.group() | length -%}
        {%- set reader.open = reader.open + (1 if found.group(1) == '/*' else -1) -%}
        {%- if reader.open == 0 -%}
            {{ return(reader.at) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}
