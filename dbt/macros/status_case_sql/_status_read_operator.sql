{#- Reads what may follow an expression: an operator, or the token that ends what the expression is in. -#}
{% macro _status_read_operator(parser, index) -%}
    {%- set level = {
        'OR': 1, 'AND': 2, 'IS': 4, 'compare': 5, 'BETWEEN': 6, 'IN': 6, 'LIKE': 6, 'NOT': 6, '+': 7, '-': 7,
        '*': 8, '/': 8, '%': 8,
    }.get(parser.tokens[index]['kind'], 0) -%}
    {%- set entry = plg._status_close(parser, index, level) -%}
    {%- if entry is none -%}
        {#- The token belonged to what it closed. -#}
        {{ return(none) }}
    {%- elif level == 0 -%}
        {{ return(plg._status_go_on(parser, index, entry)) }}
    {%- endif -%}

    {%- set tokens = parser.tokens -%}
    {%- set kind = tokens[index]['kind'] -%}
    {%- set at = tokens[index]['at'] -%}
    {#- DuckDB 2.0 reads no tighter operator after a looser one that is complete, as IN after IS NULL. -#}
    {%- if level == parser.chained or (level >= 6 and level + (1 if level == 6 else 0) > parser.last) -%}
        {%- do plg._status_refuse(
            parser.source, at, 'comparisons cannot follow each other: combine them with AND, or use parentheses'
        ) -%}
    {%- endif -%}
    {%- if level == 7 and tokens[index + 1]['kind'] == 'INTERVAL' -%}
        {%- set minutes = plg._status_interval(parser, index + 2) -%}
        {%- set shift = {'minutes': minutes if kind == '+' else -minutes} -%}
        {%- do plg._status_set_left(
            parser, plg._status_node(parser, 'shift', at, [parser.left], shift), last=level
        ) -%}
    {%- elif level in [1, 2, 7, 8] -%}
        {%- do plg._status_open(
            parser, {'kind': 'join', 'least': level + 1, 'level': level, 'sign': kind, 'at': at, 'left': parser.left}
        ) -%}
    {%- elif level == 5 -%}
        {%- set operator = tokens[index]['source'].replace('!=', '<>') -%}
        {%- do plg._status_open(
            parser, {'kind': 'compare', 'least': 6, 'at': at, 'left': parser.left, 'operator': operator}
        ) -%}
    {%- else -%}
        {%- set negated = tokens[index + (1 if kind == 'IS' else 0)]['kind'] == 'NOT' -%}
        {%- set place = index + (1 if kind == 'IS' else 0) + (1 if negated else 0) -%}
        {%- if kind == 'IS' -%}
            {%- do plg._status_test(parser, place, at, negated) -%}
        {%- else -%}
            {%- do plg._status_range(parser, place, at, negated) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- What follows IS, or IS NOT. -#}
{% macro _status_test(parser, place, at, negated) -%}
    {%- set token = parser.tokens[place] -%}
    {%- set parser.next = place + 1 -%}
    {%- if token['kind'] == 'DISTINCT' -%}
        {%- set node = plg._status_node(parser, 'compare', at, [parser.left], {'operator': 'is distinct from'}) -%}
        {%- if parser.tokens[place + 1]['kind'] != 'FROM' -%}
            {%- do plg._status_expected(parser.source, parser.tokens[place + 1], 'FROM') -%}
        {%- endif -%}
        {%- set parser.next = place + 2 -%}
        {{ return(plg._status_open(
            parser, {'kind': 'distinct', 'least': 5, 'level': 4, 'at': at, 'node': node, 'not': negated}
        )) }}
    {%- elif token['kind'] == 'NULL' -%}
        {%- set node = plg._status_node(parser, 'is null', at, [parser.left]) -%}
    {%- elif token['kind'] in ['TRUE', 'FALSE'] -%}
        {%- set node = plg._status_node(parser, 'is', at, [parser.left], {'value': token['kind'] | lower}) -%}
    {%- else -%}
        {%- do plg._status_expected(parser.source, token, 'NULL, TRUE, FALSE or DISTINCT FROM') -%}
    {%- endif -%}
    {%- do plg._status_set_left(parser, plg._status_negated(parser, negated, at, node), last=4) -%}
{%- endmacro %}

{#- BETWEEN, IN or LIKE, which must follow a NOT. -#}
{% macro _status_range(parser, place, at, negated) -%}
    {%- set token = parser.tokens[place] -%}
    {%- set kind = token['kind'] | lower -%}
    {%- if kind not in ['between', 'in', 'like'] -%}
        {%- do plg._status_expected(parser.source, token, 'IN, BETWEEN or LIKE') -%}
    {%- endif -%}
    {%- set node = plg._status_node(parser, kind, at, [parser.left], {'escape': ''}) -%}
    {%- set parser.next = place + 1 -%}
    {%- set entry = {'kind': kind, 'least': 7, 'level': 6, 'at': at, 'node': node, 'not': negated} -%}
    {%- if kind == 'in' -%}
        {%- set parenthesis = parser.tokens[place + 1] -%}
        {%- if parenthesis['kind'] != '(' -%}
            {%- do plg._status_expected(parser.source, parenthesis, '( after IN') -%}
        {%- endif -%}
        {%- do plg._status_descend(parser, parenthesis['at']) -%}
        {%- set parser.next = place + 2 -%}
        {%- do entry.update({'kind': 'list', 'least': 1}) -%}
    {%- endif -%}
    {%- do plg._status_open(parser, entry) -%}
{%- endmacro %}

{#- The minutes of an interval from its number on: `3 DAYS`, `'3' HOUR`, `'-3 minutes'`. -#}
{% macro _status_interval(parser, place) -%}
    {%- set expected = 'whole days, hours or minutes, at most 1,000,000, as in INTERVAL 3 DAYS' -%}
    {%- set token = parser.tokens[place] -%}
    {%- if token['kind'] not in ['number', 'text'] -%}
        {%- do plg._status_expected(parser.source, token, expected) -%}
    {%- endif -%}
    {%- set source = token['source'][1:-1] if token['kind'] == 'text' else token['source'] -%}
    {%- set sign, digits, unit = modules.re.match('(-?)([0-9]*) ?([\\s\\S]*)', source).groups() -%}
    {%- set unit_is_inside = source != sign ~ digits -%}
    {%- set unit_token = token if unit_is_inside else parser.tokens[place + 1] -%}
    {%- set unit = (unit if unit_is_inside else unit_token['source']) | lower -%}
    {%- set minutes = {
        'minute': 1, 'minutes': 1, 'hour': 60, 'hours': 60, 'day': 1440, 'days': 1440
    }.get(unit, 0) -%}
    {%- set count = digits.lstrip('0') or '0' -%}
    {%- if minutes == 0 or not digits or count | length > 7 or count | int > 1000000 -%}
        {%- do plg._status_expected(parser.source, unit_token, expected) -%}
    {%- endif -%}
    {%- set parser.next = place + (1 if unit_is_inside else 2) -%}
    {{ return(minutes * (count | int) * (-1 if sign else 1)) }}
{%- endmacro %}

{% macro _status_negated(parser, negated, at, node) -%}
    {{ return(plg._status_node(parser, 'not', at, [node]) if negated else node) }}
{%- endmacro %}

{#-
    Closes what the token ends, innermost first. Returns the entry that the token is read in; none if the token was a
    part of what it closed: BETWEEN's AND, or ESCAPE.
-#}
{% macro _status_close(parser, index, level) -%}
    {%- set token = parser.tokens[index] -%}
    {%- for entry in parser.open[::-1] -%}
        {%- set kind = entry['kind'] -%}
        {%- if level >= entry['least'] or kind in ['rule', 'alone', 'parenthesis', 'list', 'case'] -%}
            {{ return(entry) }}
        {%- endif -%}
        {%- if kind == 'between' and entry['node']['parts'] | length == 1 -%}
            {%- if token['kind'] != 'AND' -%}
                {%- do plg._status_expected(parser.source, token, 'AND') -%}
            {%- endif -%}
            {%- do plg._status_add(entry['node'], parser.left) -%}
            {%- set parser.mode = 'operand' -%}
            {{ return(none) }}
        {%- endif -%}
        {%- do parser.open.pop() -%}
        {%- if kind in ['not', 'minus'] -%}
            {%- set parser.depth = parser.depth - 1 -%}
            {%- do plg._status_set_left(parser, plg._status_signed(parser, entry)) -%}
        {%- elif kind == 'join' -%}
            {%- do plg._status_set_left(parser, plg._status_joined(parser, entry), last=entry['level']) -%}
        {%- elif kind == 'compare' -%}
            {%- set node = plg._status_node(
                parser, 'compare', entry['at'], [entry['left'], parser.left], {'operator': entry['operator']}
            ) -%}
            {%- do plg._status_set_left(parser, node, chained=5, last=5) -%}
        {%- else -%}
            {%- do plg._status_add(entry['node'], parser.left) -%}
            {%- set escapes = kind == 'like' and token['kind'] == 'name' and token['source'] | lower == 'escape' -%}
            {%- if escapes -%}
                {%- do plg._status_escape(parser, entry['node'], parser.tokens[index + 1]) -%}
                {%- set parser.next = index + 2 -%}
            {%- endif -%}
            {%- set node = plg._status_negated(parser, entry['not'], entry['at'], entry['node']) -%}
            {%- do plg._status_set_left(parser, node, chained=entry['level'], last=entry['level']) -%}
            {%- if escapes -%}
                {{ return(none) }}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _status_escape(parser, node, token) -%}
    {%- set character = plg._status_unquoted(token) if token['kind'] == 'text' else none -%}
    {%- if character is none or character | length > 1 or modules.re.match('[^\\x00-\\x7f]', character) -%}
        {%- do plg._status_expected(parser.source, token, 'one ASCII character in single quotes, or none') -%}
    {%- endif -%}
    {%- do node.update({'escape': character}) -%}
{%- endmacro %}

{#- NOT and minus with their operand. -#}
{% macro _status_signed(parser, entry) -%}
    {%- set operand = parser.left -%}
    {%- if entry['kind'] == 'not' -%}
        {{ return(plg._status_node(parser, 'not', entry['at'], [operand])) }}
    {%- elif operand['kind'] == 'number' -%}
        {%- do operand.update({'negative': not operand['negative']}) -%}
        {{ return(operand) }}
    {%- endif -%}
    {%- set node = plg._status_node(parser, 'call', entry['at'], [operand], {'function': '*', 'variable': none}) -%}
    {%- do plg._status_add(
        node, plg._status_node(parser, 'number', entry['at'], [], {'value': '1', 'negative': true})
    ) -%}
    {{ return(node) }}
{%- endmacro %}

{#- `left AND right`, `left + right`: one node for a whole chain, so that long chains are not deep. -#}
{% macro _status_joined(parser, entry) -%}
    {%- set left = entry['left'] -%}
    {%- set condition = entry['sign'] in ['AND', 'OR'] -%}
    {%- set kind = entry['sign'] | lower if condition else 'call' -%}
    {%- if left['kind'] == kind and (condition or left['function'] == entry['sign']) -%}
        {%- do plg._status_add(left, parser.left) -%}
        {{ return(left) }}
    {%- endif -%}
    {{ return(plg._status_node(
        parser, kind, entry['at'], [left, parser.left], {'function': entry['sign'], 'variable': none}
    )) }}
{%- endmacro %}

{#- A token that is no operator: the next part of the entry, or its end. -#}
{% macro _status_go_on(parser, index, entry) -%}
    {%- set token = parser.tokens[index] -%}
    {%- set kind = token['kind'] -%}
    {%- if entry['kind'] == 'rule' -%}
        {%- if kind != 'THEN' -%}
            {%- do plg._status_expected(parser.source, token, 'THEN') -%}
        {%- endif -%}
        {%- do parser.rules.append([parser.left, plg._status_status(parser, parser.tokens[index + 1])]) -%}
        {%- do parser.open.pop() -%}
        {%- set parser.next = index + 2 -%}
        {%- set parser.mode = 'rules' -%}
    {%- elif entry['kind'] == 'alone' -%}
        {%- if kind != 'end' -%}
            {%- do plg._status_expected(parser.source, token, 'an operator, or the end') -%}
        {%- endif -%}
        {%- do parser.rules.append([parser.left, none]) -%}
        {%- set parser.mode = 'done' -%}
    {%- elif entry['kind'] == 'parenthesis' -%}
        {%- if kind != ')' -%}
            {%- do plg._status_expected(parser.source, token, ')') -%}
        {%- endif -%}
        {%- do parser.open.pop() -%}
        {%- set parser.depth = parser.depth - 1 -%}
        {%- do plg._status_set_left(parser, parser.left) -%}
    {%- elif entry['kind'] == 'list' -%}
        {%- do plg._status_go_on_in_list(parser, token, entry) -%}
    {%- else -%}
        {%- do plg._status_go_on_in_case(parser, token, entry) -%}
    {%- endif -%}
{%- endmacro %}

{% macro _status_go_on_in_list(parser, token, entry) -%}
    {%- set node = entry['node'] -%}
    {%- if token['kind'] not in [',', ')'] -%}
        {%- do plg._status_expected(parser.source, token, ', or )') -%}
    {%- endif -%}
    {%- do plg._status_add(node, parser.left) -%}
    {%- if token['kind'] == ',' -%}
        {%- set parser.mode = 'operand' -%}
        {{ return(none) }}
    {%- endif -%}
    {%- do parser.open.pop() -%}
    {%- set parser.depth = parser.depth - 1 -%}
    {%- if node['kind'] == 'in' -%}
        {{ return(plg._status_set_left(parser, plg._status_negated(parser, entry['not'], entry['at'], node), last=6)) }}
    {%- elif entry['operands'] not in [0, node['parts'] | length] -%}
        {%- set count = 'one operand' if entry['operands'] == 1 else 'two operands' -%}
        {%- do plg._status_refuse(parser.source, node['at'], 'the function takes ' ~ count) -%}
    {%- endif -%}
    {%- do plg._status_set_left(parser, node) -%}
{%- endmacro %}

{% macro _status_go_on_in_case(parser, token, entry) -%}
    {%- set reads = entry['reads'] -%}
    {%- set kind = token['kind'] -%}
    {%- set expected = {
        'subject': ['WHEN'], 'when': ['THEN'], 'then': ['WHEN', 'ELSE', 'END'], 'else': ['END']
    }[reads] -%}
    {%- if kind not in expected -%}
        {%- set what = expected[0] if reads in ['subject', 'when'] else 'WHEN, ELSE or END' -%}
        {%- do plg._status_expected(parser.source, token, what) -%}
    {%- endif -%}
    {%- set node = entry['node'] -%}
    {%- do plg._status_add(node, parser.left) -%}
    {%- if kind != 'END' -%}
        {%- do entry.update({'reads': kind | lower}) -%}
        {%- set parser.mode = 'operand' -%}
        {{ return(none) }}
    {%- endif -%}
    {%- if reads == 'then' -%}
        {%- do plg._status_add(node, plg._status_node(parser, 'null', node['at'])) -%}
    {%- endif -%}
    {%- do parser.open.pop() -%}
    {%- set parser.depth = parser.depth - 1 -%}
    {%- do plg._status_set_left(parser, node) -%}
{%- endmacro %}
