{#- What a warehouse calls the types. -#}
{% macro _status_type_names(warehouse) -%}
    {{ return({
        'duckdb': {
            'a number': 'double', 'a text': 'varchar', 'a boolean': 'boolean', 'a timestamp': 'timestamp',
        },
        'snowflake': {
            'a number': 'double', 'a text': 'varchar', 'a boolean': 'boolean', 'a timestamp': 'timestamp_ntz',
        },
        'bigquery': {
            'a number': 'float64', 'a text': 'string', 'a boolean': 'bool', 'a timestamp': 'timestamp',
        },
    }[warehouse]) }}
{%- endmacro %}

{#- A node as SQL of the warehouse, in parentheses where it is an operator. `of` is the type that a NULL gets. -#}
{% macro _status_sql(printing, node, of=none) -%}
    {%- set kind = node['kind'] -%}
    {%- set warehouse = printing['warehouse'] -%}
    {%- if kind == 'null' -%}
        {{ return('cast(null as ' ~ printing['types'][of] ~ ')' if of in printing['types'] else 'null') }}
    {%- elif kind == 'boolean' -%}
        {{ return(node['value']) }}
    {%- elif kind == 'number' -%}
        {{ return(plg._status_number_sql(printing, node)) }}
    {%- elif kind == 'text' -%}
        {{ return(plg._status_literal(printing, node['value'])) }}
    {%- elif kind == 'timestamp' -%}
        {{ return({
            'duckdb': "timestamp '" ~ node['value'] ~ "'",
            'snowflake': "cast('" ~ node['value'] ~ "' as timestamp_ntz)",
            'bigquery': "timestamp '" ~ node['value'] ~ "+00'",
        }[warehouse]) }}
    {%- elif kind == 'as_of' -%}
        {{ return(printing['as_of'] or plg.as_of()) }}
    {%- elif kind == 'field' -%}
        {{ return(plg._status_fact(printing, node)) }}
    {%- elif kind == 'case' -%}
        {{ return(plg._status_case(printing, node)) }}
    {%- elif kind == 'like' -%}
        {{ return(plg._status_like(printing, node)) }}
    {%- endif -%}

    {%- set type = plg._status_operand_type(node) -%}
    {%- if node['variable'] -%}
        {%- set type = plg._status_value_type(printing, node) or 'a number' -%}
    {%- elif kind == 'contains' -%}
        {%- set type = plg._status_element_type(printing, node) -%}
    {%- elif kind in ['compare', 'between', 'in'] -%}
        {%- set type = plg._status_common_type(printing, node['parts']) -%}
        {%- if not type -%}
            {{ return(plg._status_compared_with_null(printing, node)) }}
        {%- endif -%}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for part in node['parts'] -%}
        {%- do parts.append(plg._status_sql(printing, part, type)) -%}
    {%- endfor -%}
    {%- if kind in ['and', 'or'] -%}
        {{ return('(' ~ parts | join(' ' ~ kind ~ ' ') ~ ')') }}
    {%- elif kind == 'not' -%}
        {{ return('(not ' ~ parts[0] ~ ')') }}
    {%- elif kind == 'compare' and node['operator'] == 'is distinct from' and type == 'a number'
        and warehouse == 'bigquery' -%}
        {#- Its IS DISTINCT FROM is for types that can be grouped by, which doubles need not be. -#}
        {{ return(
            '(select coalesce(a <> b, (a is null) <> (b is null)) from unnest([struct('
            ~ parts[0] ~ ' as a, ' ~ parts[1] ~ ' as b)]))'
        ) }}
    {%- elif kind == 'compare' -%}
        {{ return('(' ~ parts | join(' ' ~ node['operator'] ~ ' ') ~ ')') }}
    {%- elif kind == 'between' -%}
        {{ return('(' ~ parts[0] ~ ' between ' ~ parts[1] ~ ' and ' ~ parts[2] ~ ')') }}
    {%- elif kind == 'in' -%}
        {{ return('(' ~ parts[0] ~ ' in (' ~ parts[1:] | join(', ') ~ '))') }}
    {%- elif kind == 'is null' -%}
        {{ return('(' ~ parts[0] ~ ' is null)') }}
    {%- elif kind == 'is' and warehouse == 'snowflake' -%}
        {{ return('coalesce(' ~ (parts[0] if node['value'] == 'true' else 'not ' ~ parts[0]) ~ ', false)') }}
    {%- elif kind == 'is' -%}
        {{ return('(' ~ parts[0] ~ ' is ' ~ node['value'] ~ ')') }}
    {%- elif kind == 'shift' -%}
        {%- set is_hours = node['minutes'] % 60 == 0 -%}
        {%- set unit = 'hour' if is_hours else 'minute' -%}
        {%- set count = node['minutes'] // 60 if is_hours else node['minutes'] -%}
        {{ return({
            'duckdb': '(' ~ parts[0] ~ " + interval '" ~ count ~ ' ' ~ unit ~ "s')",
            'snowflake': 'dateadd(' ~ unit ~ ', ' ~ count ~ ', ' ~ parts[0] ~ ')',
            'bigquery': 'timestamp_add(' ~ parts[0] ~ ', interval ' ~ count ~ ' ' ~ unit ~ ')',
        }[warehouse]) }}
    {%- elif kind == 'contains' -%}
        {{ return(plg._status_contains(printing, node, parts[0], parts[1])) }}
    {%- endif -%}
    {{ return(plg._status_call(printing, node, parts)) }}
{%- endmacro %}

{#- A text, or NULL, as a literal. -#}
{% macro _status_literal(printing, value) -%}
    {%- if value is none -%}
        {{ return('cast(null as ' ~ printing['types']['a text'] ~ ')') }}
    {%- elif printing['warehouse'] == 'snowflake' -%}
        {{ return(plg.snowflake__text(value)) }}
    {%- elif printing['warehouse'] == 'bigquery' -%}
        {{ return(plg.bigquery__text(value)) }}
    {%- endif -%}
    {{ return(plg.default__text(value)) }}
{%- endmacro %}

{#- A number literal that is a double: an exponent makes it one, but for Snowflake no form of digits does. -#}
{% macro _status_number_sql(printing, node) -%}
    {%- set digits = ('-' if node['negative'] else '') ~ node['value'] -%}
    {%- if printing['warehouse'] == 'snowflake' -%}
        {{ return('cast(' ~ digits ~ ' as double)') }}
    {%- endif -%}
    {%- set double = digits if 'e' in digits else digits ~ 'e0' -%}
    {{ return('(' ~ double ~ ')' if node['negative'] else double) }}
{%- endmacro %}

{#-
    A fact as a column. Names without quotes are what the warehouse makes of them, which is upper case on Snowflake;
    names in quotes are exact. Numbers may come in any numeric type, so they are cast.
-#}
{% macro _status_fact(printing, node) -%}
    {%- set tree = printing['tree'] -%}
    {%- set name = node['name'] -%}
    {%- set of = plg._status_value_type(printing, node) -%}
    {%- if printing['columns'] is not none and name | lower not in printing['columns'] -%}
        {%- if not tree.missing_is_null -%}
            {%- do plg._status_refuse(tree.source, node['at'], 'facts.' ~ name ~ ': is missing') -%}
        {%- endif -%}
        {{ return('cast(null as ' ~ printing['types'][of] ~ ')' if of in printing['types'] else 'null') }}
    {%- endif -%}
    {%- if printing['warehouse'] == 'bigquery' -%}
        {%- set column = '`' ~ name.replace('\\', '\\\\').replace('`', '\\`').replace('\n', '\\n') ~ '`' -%}
    {%- else -%}
        {%- set exact = node['quoted'] or printing['warehouse'] == 'duckdb' -%}
        {%- set column = '"' ~ (name if exact else name | upper).replace('"', '""') ~ '"' -%}
    {%- endif -%}
    {%- set column = printing['prefix'] ~ column -%}
    {{ return('cast(' ~ column ~ ' as ' ~ printing['types'][of] ~ ')' if of == 'a number' else column) }}
{%- endmacro %}

{#- The type of a value; what is compared, and nothing tells its type, is a number. -#}
{% macro _status_value_type(printing, node) -%}
    {%- if not node['variable'] -%}
        {{ return(plg._status_type_of(printing['tree'], node)) }}
    {%- endif -%}
    {%- set variable = plg._status_variable(printing['tree'], node['variable']) -%}
    {{ return(variable['of'] or ('a number' if variable['needed'] else none)) }}
{%- endmacro %}

{#- The type of what is compared; none where there are only NULLs, and facts that are compared with nothing else. -#}
{% macro _status_common_type(printing, nodes) -%}
    {%- for node in nodes -%}
        {%- set type = plg._status_value_type(printing, node) -%}
        {%- if type -%}
            {{ return(type) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(none) }}
{%- endmacro %}

{#- BigQuery compares nothing with a bare NULL, and which type the NULL should have nothing tells. -#}
{% macro _status_compared_with_null(printing, node) -%}
    {%- if node['operator'] == 'is distinct from' -%}
        {%- set values = node['parts'] | rejectattr('kind', 'equalto', 'null') | list -%}
        {{ return('(' ~ plg._status_sql(printing, values[0]) ~ ' is not null)' if values else 'false') }}
    {%- endif -%}
    {{ return('cast(null as ' ~ printing['types']['a boolean'] ~ ')') }}
{%- endmacro %}

{% macro _status_element_type(printing, node) -%}
    {%- set element = 'element of ' ~ node['parts'][0]['variable'] -%}
    {{ return(plg._status_variable(printing['tree'], element)['of'] or 'a number') }}
{%- endmacro %}

{% macro _status_case(printing, node) -%}
    {%- set simple = node['simple'] -%}
    {%- set arms = node['parts'][1 if simple else 0:-1] -%}
    {%- set result_type = plg._status_value_type(printing, node) or 'a number' -%}
    {%- set otherwise = plg._status_sql(printing, node['parts'][-1], result_type) -%}
    {%- set sql = ['(case'] -%}
    {%- set condition_type = 'a boolean' -%}
    {%- if simple -%}
        {%- set condition_type = plg._status_common_type(printing, node['parts'][:1] + arms[::2]) -%}
        {%- if not condition_type -%}
            {#- NULL equals nothing. -#}
            {{ return(otherwise) }}
        {%- endif -%}
        {%- do sql.append(plg._status_sql(printing, node['parts'][0], condition_type)) -%}
    {%- endif -%}
    {%- for condition, result in arms | batch(2) -%}
        {%- do sql.append('when ' ~ plg._status_sql(printing, condition, condition_type)) -%}
        {%- do sql.append('then ' ~ plg._status_sql(printing, result, result_type)) -%}
    {%- endfor -%}
    {{ return(sql | join(' ') ~ ' else ' ~ otherwise ~ ' end)') }}
{%- endmacro %}

{#-
    `list_contains`: NULL if list or value is, and NULLs in the list are passed over. Numbers in the list are compared
    as doubles.
-#}
{% macro _status_contains(printing, node, list, value) -%}
    {%- if list == 'null' -%}
        {{ return('cast(null as ' ~ printing['types']['a boolean'] ~ ')') }}
    {%- elif printing['warehouse'] == 'duckdb' -%}
        {%- set element = printing['types'][plg._status_element_type(printing, node)] -%}
        {{ return('list_contains(cast(' ~ list ~ ' as ' ~ element ~ '[]), ' ~ value ~ ')') }}
    {%- endif -%}
    {%- set search = {
        'snowflake': 'array_contains(to_variant(' ~ value ~ '), ' ~ list ~ ')',
        'bigquery': value ~ ' in unnest(' ~ list ~ ')',
    }[printing['warehouse']] -%}
    {{ return(
        '(case when ' ~ list ~ ' is not null and ' ~ value ~ ' is not null then coalesce(' ~ search ~ ', false) end)'
    ) }}
{%- endmacro %}

{#- Functions and arithmetic. -#}
{% macro _status_call(printing, node, parts) -%}
    {%- set function = node['function'] -%}
    {%- set warehouse = printing['warehouse'] -%}
    {%- if function in ['+', '-', '*'] -%}
        {{ return('(' ~ parts | join(' ' ~ function ~ ' ') ~ ')') }}
    {%- elif function in ['/', '%'] -%}
        {%- set quotient = namespace(sql=parts[0]) -%}
        {%- for divisor in parts[1:] -%}
            {%- set literal = node['parts'][loop.index] -%}
            {%- set is_zero = literal['kind'] != 'number' or literal['value'] == '0' -%}
            {%- set quotient.sql = plg._status_divided(printing, function, quotient.sql, divisor, is_zero) -%}
        {%- endfor -%}
        {{ return(quotient.sql) }}
    {%- elif function == 'days_between' -%}
        {{ return({
            'duckdb': '((epoch_us(' ~ parts[1] ~ ') - epoch_us(' ~ parts[0] ~ ')) / 86400e6)',
            'snowflake': '(cast(datediff(microsecond, ' ~ parts | join(', ') ~ ') as double) / 86400000000)',
            'bigquery': '(timestamp_diff(' ~ parts[1] ~ ', ' ~ parts[0] ~ ', microsecond) / 86400e6)',
        }[warehouse]) }}
    {%- elif function in ['least', 'greatest'] and warehouse == 'snowflake' -%}
        {{ return(function ~ '_ignore_nulls(' ~ parts | join(', ') ~ ')') }}
    {%- elif function in ['least', 'greatest'] and warehouse == 'bigquery' -%}
        {%- set aggregate = 'min' if function == 'least' else 'max' -%}
        {{ return('(select ' ~ aggregate ~ '(item) from unnest([' ~ parts | join(', ') ~ ']) as item)') }}
    {%- endif -%}
    {{ return(function ~ '(' ~ parts | join(', ') ~ ')') }}
{%- endmacro %}

{#- A quotient or remainder of doubles with DuckDB's meaning, which is that of IEEE 754: `x / 0` is infinite or NaN. -#}
{% macro _status_divided(printing, function, dividend, divisor, may_be_zero) -%}
    {%- if printing['warehouse'] == 'bigquery' and function == '/' -%}
        {{ return('ieee_divide(' ~ dividend ~ ', ' ~ divisor ~ ')') }}
    {%- elif printing['warehouse'] == 'bigquery' -%}
        {#- Its MOD is for decimals only, which hold 38 digits on either side of the point. -#}
        {{ return(
            '(select case'
            ~ ' when is_nan(a) or is_nan(b) or is_inf(a) or b = 0'
            ~ " then if(a is null or b is null, null, cast('nan' as float64))"
            ~ ' when is_inf(b) then a'
            ~ ' else cast(mod(safe_cast(a as bignumeric), nullif(safe_cast(b as bignumeric), 0)) as float64) end'
            ~ ' from unnest([struct(' ~ dividend ~ ' as a, ' ~ divisor ~ ' as b)]))'
        ) }}
    {%- elif printing['warehouse'] == 'snowflake' and may_be_zero -%}
        {%- set otherwise = "cast('inf' as double)" if function == '/' else "cast('nan' as double)" -%}
        {{ return(
            'iff(' ~ divisor ~ ' = 0, ' ~ dividend ~ ' * ' ~ otherwise ~ ', '
            ~ dividend ~ ' ' ~ function ~ ' nullif(' ~ divisor ~ ', 0))'
        ) }}
    {%- endif -%}
    {{ return('(' ~ dividend ~ ' ' ~ function ~ ' ' ~ divisor ~ ')') }}
{%- endmacro %}
