{#- Reads what an expression begins with. -#}
{% macro _status_read_operand(parser, index) -%}
    {%- set token = parser.tokens[index] -%}
    {%- set kind = token['kind'] -%}
    {%- set at = token['at'] -%}
    {%- set following = parser.tokens[index + 1] if kind != 'end' else token -%}
    {%- set least = parser.open[-1]['least'] -%}
    {%- if kind in ['name', 'DATE', 'TIMESTAMP'] -%}
        {%- if following['kind'] == 'text' and kind != 'name' -%}
            {%- set point = plg._status_point_in_time(parser, following, kind == 'DATE') -%}
            {%- set parser.next = index + 2 -%}
            {%- do plg._status_set_left(parser, plg._status_node(parser, 'timestamp', at, [], {'value': point})) -%}
        {%- elif following['kind'] == '(' -%}
            {%- do plg._status_open_call(parser, token, following) -%}
            {%- set parser.next = index + 2 -%}
        {%- else -%}
            {%- set quoted = token['source'][0] == '"' -%}
            {%- set name = plg._status_unquoted(token) if quoted else token['source'] | lower -%}
            {%- do parser.fields.setdefault(name, parser.fields | length) -%}
            {%- set field = {'name': name, 'quoted': quoted, 'variable': 'fact ' ~ parser.fields[name]} -%}
            {%- do plg._status_set_left(parser, plg._status_node(parser, 'field', at, [], field)) -%}
        {%- endif -%}
    {%- elif kind == 'number' -%}
        {%- set number = {'value': plg._status_number(parser, token), 'negative': false} -%}
        {%- do plg._status_set_left(parser, plg._status_node(parser, 'number', at, [], number)) -%}
    {%- elif kind == 'text' -%}
        {%- set value = {'value': plg._status_unquoted(token)} -%}
        {%- do plg._status_set_left(parser, plg._status_node(parser, 'text', at, [], value)) -%}
    {%- elif kind in ['NULL', 'AS_OF'] -%}
        {%- do plg._status_set_left(parser, plg._status_node(parser, kind | lower, at)) -%}
    {%- elif kind in ['TRUE', 'FALSE'] -%}
        {%- do plg._status_set_left(parser, plg._status_node(parser, 'boolean', at, [], {'value': kind | lower})) -%}
    {%- elif kind == '(' -%}
        {%- do plg._status_descend(parser, at) -%}
        {%- do plg._status_open(parser, {'kind': 'parenthesis', 'least': 1}) -%}
    {%- elif kind == 'NOT' and (least <= 3 or least == 6) -%}
        {%- do plg._status_descend(parser, at) -%}
        {%- do plg._status_open(parser, {'kind': 'not', 'least': 3, 'at': at}) -%}
    {%- elif kind == '-' -%}
        {%- do plg._status_descend(parser, at) -%}
        {%- do plg._status_open(parser, {'kind': 'minus', 'least': 99, 'at': at}) -%}
    {%- elif kind == 'CASE' -%}
        {%- do plg._status_descend(parser, at) -%}
        {%- set simple = following['kind'] != 'WHEN' -%}
        {%- set node = plg._status_node(
            parser, 'case', at, [], {'simple': simple, 'variable': 'node ' ~ parser.nodes | length}
        ) -%}
        {%- set parser.next = index + (1 if simple else 2) -%}
        {%- do plg._status_open(
            parser, {'kind': 'case', 'least': 1, 'node': node, 'reads': 'subject' if simple else 'when'}
        ) -%}
    {%- else -%}
        {%- do plg._status_expected(parser.source, token, 'a field or a literal') -%}
    {%- endif -%}
{%- endmacro %}

{#- A function before its operands. -#}
{% macro _status_open_call(parser, token, parenthesis) -%}
    {%- set operands = {
        'abs': 1, 'coalesce': 0, 'contains': 2, 'days_between': 2, 'greatest': 0, 'least': 0, 'list_contains': 2,
        'lower': 1, 'nullif': 2,
    } -%}
    {%- set function = token['source'] | lower -%}
    {%- if function not in operands -%}
        {%- do plg._status_refuse(parser.source, token['at'], 'there is no such function') -%}
    {%- endif -%}
    {%- if function in ['contains', 'list_contains'] -%}
        {%- set node = plg._status_node(parser, 'contains', token['at']) -%}
    {%- else -%}
        {%- set of_any_type = function in ['coalesce', 'greatest', 'least', 'nullif'] -%}
        {%- set variable = 'node ' ~ parser.nodes | length if of_any_type -%}
        {%- set node = plg._status_node(
            parser, 'call', token['at'], [], {'function': function, 'variable': variable}
        ) -%}
    {%- endif -%}
    {%- do plg._status_descend(parser, parenthesis['at']) -%}
    {%- do plg._status_open(
        parser, {'kind': 'list', 'least': 1, 'node': node, 'not': false, 'operands': operands[function]}
    ) -%}
{%- endmacro %}

{#-
    A number literal in a form that every warehouse reads, with the limits of the language: 15 significant digits and
    a power of ten from -22 to 22.
-#}
{% macro _status_number(parser, token) -%}
    {%- set parts = modules.re.match('([0-9]*)\\.?([0-9]*)(?:[eE]([+-]?)0*([0-9]*))?', token['source']).groups() -%}
    {%- set whole, fraction, sign, power = parts -%}
    {%- set digits = (whole ~ fraction).lstrip('0') -%}
    {%- set mantissa = digits.rstrip('0') -%}
    {%- set exponent = (sign or '') ~ (power or '0') -%}
    {%- if mantissa -%}
        {%- set scale = digits | length - mantissa | length - fraction | length + exponent[:6] | int -%}
        {%- if mantissa | length > 15 or scale | abs > 22 -%}
            {%- do plg._status_refuse(
                parser.source, token['at'], 'a number may have 15 significant digits and a power of ten from -22 to 22'
            ) -%}
        {%- endif -%}
        {%- set short = (whole.lstrip('0') or '0') ~ ('.' ~ fraction.rstrip('0')).rstrip('.') -%}
        {{ return(short if exponent | int == 0 else short ~ 'e' ~ exponent | int) }}
    {%- endif -%}
    {{ return('0') }}
{%- endmacro %}

{#- The text after DATE or TIMESTAMP as YYYY-MM-DD HH:MM:SS with or without a fraction. -#}
{% macro _status_point_in_time(parser, token, is_date) -%}
    {%- set at_end = '(?![\\s\\S])' -%}
    {%- set time = '[T ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\\.(?P<fraction>[0-9]+))?)?' -%}
    {%- set pattern = "'(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})" -%}
    {%- set pattern = pattern ~ ("'" ~ at_end if is_date else '(' ~ time ~ "( ?(Z|UTC))?)?'" ~ at_end) -%}
    {%- set found = modules.re.match(pattern, token['source']) -%}
    {%- if found and token['source'] | length <= 66 -%}
        {%- set part = found.groupdict('00') -%}
        {%- set year, month = part['year'] | int, part['month'] | int -%}
        {%- set leap = 1 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 0 -%}
        {%- set days = [0, 31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
        {%- if year > 0 and 1 <= month <= 12 and 1 <= part['day'] | int <= days[month] and part.get('hour', '00') < '24'
            and part.get('minute', '00') < '60' and part.get('second', '00') < '60' -%}
            {%- set clock = [part.get('hour', '00'), part.get('minute', '00'), part.get('second', '00')] | join(':') -%}
            {%- set fraction = part.get('fraction', '')[:6].rstrip('0') -%}
            {{ return(
                [part['year'], part['month'], part['day']] | join('-') ~ ' ' ~ clock ~ ('.' ~ fraction).rstrip('.')
            ) }}
        {%- endif -%}
    {%- endif -%}
    {%- do plg._status_expected(
        parser.source, token,
        "a date as in DATE '2026-01-31'" if is_date else "a time in UTC as in TIMESTAMP '2026-01-31 12:00:00'"
    ) -%}
{%- endmacro %}
