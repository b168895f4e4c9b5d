{#-
    A rule text as a tree; with `alone` a condition that stands by itself. `path` is what errors begin with.

    One loop over the tokens with a stack of what is open, instead of macros that call themselves: texts that are nested
    64 levels deep would exhaust Python's stack. An open entry reads one expression of operators that bind at least as
    tightly as its `least`; an operator that binds less tightly closes it. The precedence, loosest first: OR 1, AND 2,
    NOT 3, IS 4, comparison 5, BETWEEN, IN and LIKE 6, sums 7, products 8.
-#}
{% macro _status_parse(text, path='plg.status_case_sql: rules', alone=false) -%}
    {%- set source = {'text': text, 'path': path} -%}
    {#- The bytes of UTF-8: dbt's own engine has no `encode`, but both count characters. -#}
    {%- set bytes = namespace(count=text | length) -%}
    {%- for shorter in ['[\\x00-\\x7f]', '[\\x00-\\u07ff]', '[\\x00-\\uffff]'] -%}
        {%- set bytes.count = bytes.count + modules.re.sub(shorter, '', text) | length -%}
    {%- endfor -%}
    {%- if bytes.count > 65536 -%}
        {%- do exceptions.raise_compiler_error(path ~ ': must not be longer than 65,536 bytes') -%}
    {%- endif -%}
    {%- set tokens = plg._status_tokens(text) -%}
    {#-
        mode: what the next token is: rules (WHEN or ELSE), operand or operator. next: the place of the token to read
        next. left: the expression read so far in the innermost open entry, chained: the level whose operators may not
        follow it, last: the level of the operator before.
    -#}
    {%- set parser = namespace(
        source=source, tokens=tokens, mode='rules', next=0, case=false, open=[], depth=0, left=none, chained=0, last=99,
        nodes=[], fields={}, rules=[], otherwise=none, missing_is_null=false
    ) -%}
    {%- if alone -%}
        {%- do plg._status_open(parser, {'kind': 'alone', 'least': 1}) -%}
    {%- elif tokens[0]['kind'] == 'name' and tokens[0]['source'] | lower == 'on_missing' -%}
        {%- if tokens[1]['kind'] != 'NULL' -%}
            {%- do plg._status_expected(source, tokens[1], 'NULL') -%}
        {%- endif -%}
        {%- set parser.missing_is_null = true -%}
        {%- set parser.next = 2 -%}
    {%- endif -%}
    {%- if tokens[parser.next]['kind'] == 'CASE' and not alone -%}
        {%- set parser.case = true -%}
        {%- set parser.next = parser.next + 1 -%}
    {%- endif -%}
    {%- for token in tokens -%}
        {%- if parser.next == loop.index0 and parser.mode != 'done' -%}
            {%- set parser.next = loop.index0 + 1 -%}
            {%- if token['fault'] -%}
                {%- do plg._status_expected(source, token, '') -%}
            {%- elif parser.mode == 'rules' -%}
                {%- do plg._status_read_rule(parser, loop.index0) -%}
            {%- elif parser.mode == 'operand' -%}
                {%- do plg._status_read_operand(parser, loop.index0) -%}
            {%- else -%}
                {%- do plg._status_read_operator(parser, loop.index0) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for node in parser.nodes if node['depth'] > 64 -%}
        {%- do plg._status_refuse(source, node['at'], plg._status_too_deep()) -%}
    {%- endfor -%}
    {{ return(parser) }}
{%- endmacro %}

{% macro _status_too_deep() -%}
    {{ return('conditions are nested deeper than 64 levels') }}
{%- endmacro %}

{#- One level of parentheses, NOT, minus or CASE down. -#}
{% macro _status_descend(parser, at) -%}
    {%- set parser.depth = parser.depth + 1 -%}
    {%- if parser.depth >= 64 -%}
        {%- do plg._status_refuse(parser.source, at, plg._status_too_deep()) -%}
    {%- endif -%}
{%- endmacro %}

{#- A new node with its parts, and what else its kind has. -#}
{% macro _status_node(parser, kind, at, parts=[], more={}) -%}
    {%- set node = {'kind': kind, 'place': parser.nodes | length, 'at': at, 'depth': 1, 'parts': []} -%}
    {%- do node.update(more) -%}
    {%- do parser.nodes.append(node) -%}
    {%- for part in parts -%}
        {%- do plg._status_add(node, part) -%}
    {%- endfor -%}
    {{ return(node) }}
{%- endmacro %}

{% macro _status_add(node, part) -%}
    {%- do node['parts'].append(part) -%}
    {%- do node.update({'depth': [node['depth'], part['depth'] + 1] | max}) -%}
{%- endmacro %}

{#- What has been read is an expression; an operator may follow. -#}
{% macro _status_set_left(parser, node, chained=0, last=99) -%}
    {%- set parser.left = node -%}
    {%- set parser.chained = chained -%}
    {%- set parser.last = last -%}
    {%- set parser.mode = 'operator' -%}
{%- endmacro %}

{#- Begins an entry that reads an expression. -#}
{% macro _status_open(parser, entry) -%}
    {%- do parser.open.append(entry) -%}
    {%- set parser.mode = 'operand' -%}
{%- endmacro %}

{#- A WHEN, or ELSE and all that follows it. -#}
{% macro _status_read_rule(parser, index) -%}
    {%- set token = parser.tokens[index] -%}
    {%- if token['kind'] == 'WHEN' -%}
        {{ return(plg._status_open(parser, {'kind': 'rule', 'least': 1})) }}
    {%- elif not parser.rules -%}
        {%- do plg._status_expected(parser.source, token, 'WHEN') -%}
    {%- elif token['kind'] != 'ELSE' -%}
        {%- do plg._status_expected(parser.source, token, 'WHEN or ELSE') -%}
    {%- endif -%}
    {%- set parser.otherwise = plg._status_status(parser, parser.tokens[index + 1]) -%}
    {%- set parser.mode = 'done' -%}
    {%- if parser.case and parser.tokens[index + 2]['kind'] != 'END' -%}
        {%- do plg._status_expected(parser.source, parser.tokens[index + 2], 'END') -%}
    {%- endif -%}
    {%- set last = parser.tokens[index + 3 if parser.case else index + 2] -%}
    {%- if last['kind'] != 'end' -%}
        {%- do plg._status_expected(parser.source, last, 'the end of the rules') -%}
    {%- endif -%}
{%- endmacro %}

{% macro _status_status(parser, token) -%}
    {%- if token['kind'] not in ['text', 'NULL'] -%}
        {%- do plg._status_expected(parser.source, token, 'a status in single quotes, or NULL') -%}
    {%- endif -%}
    {{ return(plg._status_unquoted(token) if token['kind'] == 'text' else none) }}
{%- endmacro %}

{#- The text of a token in quotes, in which a quote is doubled. -#}
{% macro _status_unquoted(token) -%}
    {%- set quote = token['source'][0] -%}
    {{ return(token['source'][1:-1].replace(quote ~ quote, quote)) }}
{%- endmacro %}
