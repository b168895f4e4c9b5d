{#-
    One type for every fact, from its uses; two that contradict each other stop the run. `variables` are the facts,
    their elements, and the nodes of any type, by name, in a union-find forest of what has one type: `up` is the parent,
    `of` the type (none while it is unknown). `needed` says that there is a value even if nothing tells its type.
-#}
{% macro _status_infer(tree) -%}
    {%- set tree.variables = {} -%}
    {%- for node in tree.nodes -%}
        {%- do plg._status_visit(tree, node) -%}
    {%- endfor -%}
    {%- for condition, _ in tree.rules -%}
        {%- do plg._status_require(tree, condition, 'a boolean') -%}
    {%- endfor -%}
    {%- for node in tree.nodes if node['kind'] == 'contains' -%}
        {%- set element = plg._status_variable(tree, 'element of ' ~ node['parts'][0]['variable']) -%}
        {%- if element['of'] not in [none, 'a number', 'a text'] -%}
            {%- do plg._status_refuse(tree.source, node['parts'][1]['at'], 'lists hold numbers or texts') -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{#- The root of a variable. -#}
{% macro _status_variable(tree, name) -%}
    {%- set variable = tree.variables.setdefault(name, {'name': name, 'up': name, 'of': none, 'needed': false}) -%}
    {%- set root = namespace(of=variable) -%}
    {#- Every union at least joins two of the variables, so that no way up is longer than their number. -#}
    {%- for _ in tree.variables -%}
        {%- if root.of['up'] == root.of['name'] -%}
            {%- do variable.update({'up': root.of['name']}) -%}
            {{ return(root.of) }}
        {%- endif -%}
        {%- set root.of = tree.variables[root.of['up']] -%}
    {%- endfor -%}
{%- endmacro %}

{#- The type of a node; none if it is not known. -#}
{% macro _status_type_of(tree, node) -%}
    {%- if node['variable'] -%}
        {{ return(plg._status_variable(tree, node['variable'])['of']) }}
    {%- elif node['kind'] == 'call' -%}
        {{ return('a text' if node['function'] == 'lower' else 'a number') }}
    {%- endif -%}
    {{ return({
        'null': none, 'timestamp': 'a timestamp', 'as_of': 'a timestamp', 'shift': 'a timestamp', 'text': 'a text',
        'number': 'a number',
    }.get(node['kind'], 'a boolean')) }}
{%- endmacro %}

{% macro _status_visit(tree, node) -%}
    {%- set kind = node['kind'] -%}
    {%- set parts = node['parts'] -%}
    {%- if kind == 'compare' -%}
        {%- do plg._status_compare(tree, parts[0], parts[1]) -%}
    {%- elif kind in ['between', 'in'] -%}
        {%- for part in parts[1:] -%}
            {%- do plg._status_compare(tree, parts[0], part) -%}
        {%- endfor -%}
    {%- elif kind == 'contains' -%}
        {%- do plg._status_visit_contains(tree, parts[0], parts[1]) -%}
    {%- elif kind == 'case' -%}
        {%- do plg._status_visit_case(tree, node) -%}
    {%- elif kind == 'call' and node['variable'] -%}
        {%- for part in parts -%}
            {%- do plg._status_combine(tree, node, part) -%}
        {%- endfor -%}
    {%- else -%}
        {%- set operands = plg._status_operand_type(node) -%}
        {%- for part in parts if operands -%}
            {%- do plg._status_require(tree, part, operands) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{#- The type that all operands of a node must have; none if it does not ask for one. -#}
{% macro _status_operand_type(node) -%}
    {%- set kind = node['function'] if node['kind'] == 'call' else node['kind'] -%}
    {{ return({
        'not': 'a boolean', 'and': 'a boolean', 'or': 'a boolean', 'is': 'a boolean', 'like': 'a text',
        'lower': 'a text', 'shift': 'a timestamp', 'days_between': 'a timestamp',
    }.get(kind, 'a number' if node['kind'] == 'call' else none)) }}
{%- endmacro %}

{% macro _status_visit_contains(tree, haystack, needle) -%}
    {%- do plg._status_require(tree, haystack, 'a list') -%}
    {%- if haystack['kind'] != 'field' -%}
        {%- do plg._status_refuse(tree.source, haystack['at'], 'contains takes a fact that is a list') -%}
    {%- endif -%}
    {%- set element = 'element of ' ~ haystack['variable'] -%}
    {%- set of = plg._status_type_of(tree, needle) -%}
    {%- if not plg._status_meet(tree, element, plg._status_variable(tree, element)['of'], needle) -%}
        {%- do plg._status_refuse(
            tree.source, needle['at'], 'a list of this type cannot contain ' ~ (of or 'NULL')
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro _status_visit_case(tree, node) -%}
    {%- set simple = node['simple'] -%}
    {%- set arms = node['parts'][1 if simple else 0:-1] -%}
    {%- for part in arms -%}
        {%- if loop.index0 % 2 -%}
            {%- do plg._status_combine(tree, node, part) -%}
        {%- elif simple -%}
            {%- do plg._status_compare(tree, node['parts'][0], part) -%}
        {%- else -%}
            {%- do plg._status_require(tree, part, 'a boolean') -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do plg._status_combine(tree, node, node['parts'][-1]) -%}
{%- endmacro %}

{#- Requires a type of what is not merely compared. -#}
{% macro _status_require(tree, node, of) -%}
    {%- set found = plg._status_type_of(tree, node) -%}
    {%- if node['variable'] -%}
        {%- do plg._status_variable(tree, node['variable']).update({'of': found or of, 'needed': true}) -%}
    {%- endif -%}
    {%- if found not in [none, of] -%}
        {%- set role = 'a condition' if of == 'a boolean' else of -%}
        {%- do plg._status_refuse(
            tree.source, node['at'], plg._status_described(tree, node) ~ ' cannot be ' ~ role
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- Gives both sides of a comparison one type. -#}
{% macro _status_compare(tree, left, right) -%}
    {%- set first, second = (left, right) if left['variable'] else (right, left) -%}
    {%- if not plg._status_meet(tree, first['variable'], plg._status_type_of(tree, first), second) -%}
        {%- do plg._status_clash(tree, left, right, 'compared') -%}
    {%- endif -%}
{%- endmacro %}

{#- Gives a function or CASE and one of what it may result in one type. -#}
{% macro _status_combine(tree, node, result) -%}
    {%- if not plg._status_meet(tree, node['variable'], plg._status_type_of(tree, node), result) -%}
        {%- do plg._status_clash(tree, node, result, 'combined') -%}
    {%- endif -%}
{%- endmacro %}

{#- Gives a variable (if any) of a type and a node one type; false if they have two. -#}
{% macro _status_meet(tree, name, of, node) -%}
    {%- set other_type = plg._status_type_of(tree, node) -%}
    {%- if of and other_type and of != other_type -%}
        {{ return(false) }}
    {%- elif not name -%}
        {{ return(true) }}
    {%- endif -%}
    {%- set root = plg._status_variable(tree, name) -%}
    {%- if node['kind'] not in ['null', 'text'] -%}
        {%- do root.update({'needed': true}) -%}
    {%- endif -%}
    {%- if node['variable'] -%}
        {%- set other = plg._status_variable(tree, node['variable']) -%}
        {%- do root.update({'needed': root['needed'] or other['needed']}) -%}
        {%- do other.update({'up': root['name']}) -%}
    {%- endif -%}
    {%- do root.update({'of': of or other_type}) -%}
    {{ return(true) }}
{%- endmacro %}

{% macro _status_clash(tree, left, right, how) -%}
    {%- set types = [plg._status_type_of(tree, left), plg._status_type_of(tree, right)] | map('string') | sort -%}
    {%- set hint = "; a point in time is written TIMESTAMP '2026-01-31 12:00:00'" -%}
    {%- do plg._status_refuse(
        tree.source, right['at'],
        plg._status_described(tree, right) ~ ' cannot be ' ~ how ~ ' with ' ~ plg._status_described(tree, left)
        ~ (hint if types == ['a text', 'a timestamp'] else '')
    ) -%}
{%- endmacro %}

{#- The type of a node, with its name if it is a fact. -#}
{% macro _status_described(tree, node) -%}
    {%- set of = plg._status_type_of(tree, node) or 'NULL' -%}
    {{ return(node['name'] ~ ' (elsewhere ' ~ of ~ ')' if node['kind'] == 'field' else of) }}
{%- endmacro %}
