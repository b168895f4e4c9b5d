{#-
  How a source is mapped: the entry in `plg_sources`, checked, with `types` (all canonical columns), `expressions` (the
  mapped ones) and `formatted` (those that only the format maps). None for a source that is not there.
-#}
{% macro _source_mapping(source) -%}
    {%- set definitions = plg._source_definitions() -%}
    {%- set entries = var('plg_sources', none) or {} -%}
    {%- for name in entries if name not in definitions -%}
        {%- do plg._source_refuse(name, 'is no source of this package; those are ' ~ definitions | join(', ')) -%}
    {%- endfor -%}
    {%- if source not in definitions -%}
        {%- do exceptions.raise_compiler_error('plg has no source ' ~ source) -%}
    {%- endif -%}
    {%- set definition = definitions[source] -%}
    {%- set entry = entries.get(source) -%}
    {%- if not entry and entry is not mapping -%}
        {%- if not definition.get('always') -%}
            {{ return(none) }}
        {%- endif -%}
        {%- set entry = {} -%}
    {%- elif entry is not mapping -%}
        {%- do plg._source_refuse(source, 'is a mapping such as {table: name}, or {} if all names are ours') -%}
    {%- endif -%}
    {%- set known = ['format', 'table', 'schema', 'database', 'model', 'source', 'columns', 'optional', 'where'] -%}
    {%- for key in entry if key not in known -%}
        {%- do plg._source_refuse(source, 'has no field ' ~ key ~ '; the fields are ' ~ known | join(', ')) -%}
    {%- endfor -%}
    {%- if ('model' in entry or 'source' in entry)
        and (('model' in entry and 'source' in entry) or 'table' in entry or 'schema' in entry or 'database' in entry) -%}
        {%- do plg._source_refuse(source, 'is a model, or a source, or a table (with schema and database), not two of these') -%}
    {%- endif -%}

    {%- set types = dict(definition['required'], **definition.get('optional', {})) -%}
    {%- set expressions = {} -%}
    {%- set formatted = [] -%}
    {%- for column in definition['required'] -%}
        {%- do expressions.update({column: column}) -%}
    {%- endfor -%}
    {%- if 'format' in entry -%}
        {%- set formats = plg._source_formats() if source == 'events' else {} -%}
        {%- if entry['format'] not in formats -%}
            {%- do plg._source_refuse(
                source,
                'has no format ' ~ entry['format'] ~ (
                    '; the formats are ' ~ formats | join(', ') if formats else '; only events have formats'
                )
            ) -%}
        {%- endif -%}
        {%- do expressions.update(formats[entry['format']]) -%}
        {%- do formatted.extend(formats[entry['format']]) -%}
    {%- endif -%}
    {%- set optional = {} -%}
    {%- for column in entry.get('optional') or [] -%}
        {%- do optional.update({column: column}) -%}
    {%- endfor -%}
    {%- for column, expression in dict(optional, **(entry.get('columns') or {})).items() -%}
        {%- if column not in types -%}
            {%- do plg._source_refuse(source, 'has no column ' ~ column ~ '; its columns are ' ~ types | join(', ')) -%}
        {%- endif -%}
        {%- if column in formatted -%}
            {%- do formatted.remove(column) -%}
        {%- endif -%}
        {%- if expression is none -%}
            {%- if column in definition['required'] -%}
                {%- do plg._source_refuse(source, 'needs the column ' ~ column) -%}
            {%- endif -%}
            {%- do expressions.pop(column, none) -%}
        {%- else -%}
            {%- do expressions.update({column: expression | string | trim}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(dict(entry, types=types, expressions=expressions, formatted=formatted)) }}
{%- endmacro %}

{#- The table, view or model of a mapped source. -#}
{% macro _source_relation(name, mapping) -%}
    {%- if mapping.get('model') -%}
        {{ return(ref(mapping['model'])) }}
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
    {%- set found_lower = found | map('lower') | list -%}
    {%- if not found -%}
        {%- do plg._source_refuse(name, 'should be ' ~ relation ~ ', and there is no such table') -%}
    {%- endif -%}
    {%- for column, expression in mapping['expressions'].items() -%}
        {%- set is_name = modules.re.match('^[A-Za-z_][A-Za-z0-9_$]*$', expression)
            and expression | lower not in ['null', 'true', 'false'] -%}
        {%- set is_quoted = modules.re.match('^"[^"]+"$|^`[^`]+`$', expression) -%}
        {%- if (is_name and expression | lower not in found_lower) or (is_quoted and expression[1:-1] not in found) -%}
            {%- do plg._source_refuse(
                name,
                'has the column ' ~ column ~ (' as ' ~ expression if expression != column else '')
                ~ (' by its format' if column in mapping['formatted'] else '')
                ~ ', and ' ~ relation ~ ' has no such column; say in columns what it is'
                ~ ('' if column in plg._source_definitions()[name]['required'] else ', or null if it is not there')
            ) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro _source_refuse(source, sentence) -%}
    {%- do exceptions.raise_compiler_error('plg_sources: ' ~ source ~ ' ' ~ sentence) -%}
{%- endmacro %}
