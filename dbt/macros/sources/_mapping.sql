{#-
  How a source is mapped: the entry in `plg_sources` with `types` (all canonical columns), `expressions` (the mapped
  ones), `formatted` (those that only the format maps) and `zoned` (timestamps that may have a zone). None for a source
  that is not there.
-#}
{% macro _source_mapping(source) -%}
    {%- set definitions = plg._source_definitions() -%}
    {%- set entries = var('plg_sources', none) or {} -%}
    {%- set problems = plg._source_problems(definitions, entries) -%}
    {%- if problems -%}
        {%- do exceptions.raise_compiler_error('plg_sources: ' ~ problems | join('\n  plg_sources: ')) -%}
    {%- elif source not in definitions -%}
        {%- do exceptions.raise_compiler_error('plg has no source ' ~ source) -%}
    {%- endif -%}
    {%- set definition = definitions[source] -%}
    {%- set entry = entries.get(source) -%}
    {%- if entry is not mapping -%}
        {%- if not definition.get('always') -%}
            {{ return(none) }}
        {%- endif -%}
        {%- set entry = {} -%}
    {%- endif -%}
    {%- set expressions = {} -%}
    {%- for column in definition['required'] -%}
        {%- do expressions.update({column: column}) -%}
    {%- endfor -%}
    {%- set formatted = plg._source_formats()[entry['format']](entry) if 'format' in entry else {} -%}
    {%- do expressions.update(formatted) -%}
    {%- set own = {} -%}
    {%- for column in entry.get('optional') or [] -%}
        {%- do own.update({column: column}) -%}
    {%- endfor -%}
    {%- do own.update(entry.get('columns') or {}) -%}
    {%- for column, expression in own.items() -%}
        {%- if expression is none -%}
            {%- do expressions.pop(column, none) -%}
        {%- else -%}
            {%- do expressions.update({column: expression | string | trim}) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- Some loaders of ready formats give times a zone, others do not. -#}
    {%- set zoned = (entry.get('zoned') or []) + (['occurred_at'] if 'occurred_at' in formatted and 'occurred_at' not in own else []) -%}
    {{ return(dict(
        entry,
        types=dict(definition['required'], **definition.get('optional', {})),
        expressions=expressions,
        formatted=formatted.keys() | reject('in', own) | list,
        zoned=zoned
    )) }}
{%- endmacro %}

{#- All that is wrong with `plg_sources`, as sentences. -#}
{% macro _source_problems(definitions, entries) -%}
    {%- set known = [
        'format', 'group_type', 'table', 'schema', 'database', 'model', 'source', 'columns', 'optional', 'zoned',
        'where'
    ] -%}
    {%- set problems = [] -%}
    {%- for source, entry in entries.items() -%}
        {%- if source not in definitions -%}
            {%- do problems.append(
                source ~ ' is no source of this package; those are ' ~ definitions | join(', ')
            ) -%}
        {%- elif entry is not mapping -%}
            {#- Whoever has no such table may say so. -#}
            {%- if entry -%}
                {%- do problems.append(
                    source ~ ' is to be a mapping such as {table: name}, or {} if all names are ours'
                ) -%}
            {%- endif -%}
        {%- else -%}
            {%- set definition = definitions[source] -%}
            {%- set types = dict(definition['required'], **definition.get('optional', {})) -%}
            {%- for field in entry if field not in known -%}
                {%- do problems.append(source ~ ' has no field ' ~ field ~ '; there are ' ~ known | join(', ')) -%}
            {%- endfor -%}
            {%- set places = ['model', 'source', 'table'] | select('in', entry) | list -%}
            {%- if places | length > 1 or (places in [['model'], ['source']] and ('schema' in entry or 'database' in entry)) -%}
                {%- do problems.append(source ~ ' is to be a table (with schema and database), or a model, or a source') -%}
            {%- endif -%}
            {%- if 'source' in entry and (entry['source'] is string or entry['source'] | length != 2) -%}
                {%- do problems.append(source ~ ' is to have as source a list of two names, the source and its table') -%}
            {%- endif -%}
            {%- set formats = plg._source_formats() if source == 'events' else {} -%}
            {%- if 'format' in entry and entry['format'] not in formats -%}
                {%- do problems.append(
                    source ~ ' has no format ' ~ entry['format'] ~ (
                        '; there are ' ~ formats | join(', ') if formats else '; only events have formats'
                    )
                ) -%}
            {%- endif -%}
            {%- if 'group_type' in entry and (
                entry.get('format') != 'amplitude' or not modules.re.match('^[A-Za-z0-9_ -]+$', entry['group_type'])
            ) -%}
                {%- do problems.append(
                    source ~ ' has a group_type only in the format amplitude, of letters, digits, blanks, _ and -'
                ) -%}
            {%- endif -%}
            {%- set columns = entry.get('columns') or {} -%}
            {%- for column in (entry.get('optional') or []) + columns.keys() | list if column not in types -%}
                {%- do problems.append(source ~ ' has no column ' ~ column ~ '; there are ' ~ types | join(', ')) -%}
            {%- endfor -%}
            {%- for column in definition['required'] if column in columns and columns[column] is none -%}
                {%- do problems.append(source ~ ' needs the column ' ~ column) -%}
            {%- endfor -%}
            {%- for column in entry.get('zoned') or [] if types.get(column) != 'timestamp' -%}
                {%- do problems.append(source ~ ' has no timestamp ' ~ column ~ ' that could have a zone') -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}

{#- The table, view or model of a mapped source. -#}
{% macro _source_relation(name, mapping) -%}
    {%- if mapping.get('model') -%}
        {#- With its project, since dbt warns of a package that reads a model of whoever uses it without saying so. -#}
        {{ return(ref(project_name, mapping['model'])) }}
    {%- elif mapping.get('source') -%}
        {{ return(source(mapping['source'][0], mapping['source'][1])) }}
    {%- endif -%}
    {{ return(source('plg_raw_' ~ name, name)) }}
{%- endmacro %}

{#-
  Stops a run if the table lacks a column that is needed or mapped. An expression is left to the warehouse, whose own
  message will do; and what only compiles need not have tables.
-#}
{% macro _source_check(name, mapping, relation) -%}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] or relation.is_cte -%}
        {{ return('') }}
    {%- endif -%}
    {%- set found = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do found.append(column.name) -%}
    {%- endfor -%}
    {%- if not found -%}
        {%- do exceptions.raise_compiler_error(
            'plg_sources: ' ~ name ~ ' should be ' ~ relation ~ ', and there is no such table'
        ) -%}
    {%- endif -%}
    {%- set found_lower = found | map('lower') | list -%}
    {%- for column, expression in mapping['expressions'].items() -%}
        {%- set is_name = modules.re.match('^[A-Za-z_][A-Za-z0-9_$]*$', expression)
            and expression | lower not in ['null', 'true', 'false'] -%}
        {%- set is_quoted = modules.re.match('^"[^"]+"$|^`[^`]+`$', expression) -%}
        {%- if (is_name and expression | lower not in found_lower)
            or (is_quoted and expression[1:-1] | lower not in found_lower) -%}
            {%- do exceptions.raise_compiler_error(
                'plg_sources: ' ~ name ~ ' has the column ' ~ column ~ ' as ' ~ expression
                ~ (' by its format' if column in mapping['formatted'] else '') ~ ', and ' ~ relation
                ~ ' has no such column; say in columns what it is'
                ~ ('' if column in plg._source_definitions()[name]['required'] else ', or null if there is none')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}
