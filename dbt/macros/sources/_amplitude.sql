{#-
  Amplitude's table of exported events (its destinations Snowflake and BigQuery): `event_time` is UTC, put right by how
  far the device's clock was off, `uuid` is the row's own id, `event_properties` and `groups` are JSON objects. A group has
  a type and one value or a list of them; the first one of the type that the entry's `group_type` names is the workspace.
-#}
{% macro _amplitude_events(entry) -%}
    {%- set columns = {
        'event': 'event_type',
        'occurred_at': 'event_time',
        'user_id': 'user_id',
        'anonymous_id': 'device_id',
        'event_id': plg._source_name('uuid'),
        'properties': 'event_properties',
        'source': 'platform',
    } -%}
    {%- if entry.get('group_type') -%}
        {%- do columns.update({'workspace_id': plg._source_group(entry['group_type'])}) -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}

{#- The first group of a type. GROUPS is a reserved word of BigQuery and SQL. -#}
{% macro _source_group(type) -%}
    {{ return(adapter.dispatch('_source_group', 'plg')(type)) }}
{%- endmacro %}

{% macro default___source_group(type) -%}
    {%- set groups = plg._source_name('groups') -%}
    {{ return(
        "coalesce(json_extract_string(" ~ groups ~ ", '$.\"" ~ type ~ "\"[0]'), json_extract_string(" ~ groups ~ ", '$.\""
        ~ type ~ "\"'))"
    ) }}
{%- endmacro %}

{% macro snowflake___source_group(type) -%}
    {{ return("coalesce(groups['" ~ type ~ "'][0]::varchar, groups['" ~ type ~ "']::varchar)") }}
{%- endmacro %}

{% macro bigquery___source_group(type) -%}
    {{ return("coalesce(json_value(`groups`, '$.\"" ~ type ~ "\"[0]'), json_value(`groups`, '$.\"" ~ type ~ "\"'))") }}
{%- endmacro %}
