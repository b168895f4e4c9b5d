{#-
  Twilio Segment's table tracks ("Warehouse Schemas" in its documentation): one row per `track` call, whose properties
  are in a table of their own for each event. `timestamp` is the time on the device, put right by how far its clock was
  off. `event` is the name in snake case, `event_text` as it was sent. `context_group_id` is the groupId of the context,
  a column that is there once a call has brought one.
-#}
{% macro _segment_events(entry) -%}
    {{ return({
        'event': 'event',
        'occurred_at': plg._source_name('timestamp'),
        'user_id': 'user_id',
        'anonymous_id': 'anonymous_id',
        'workspace_id': 'context_group_id',
        'event_id': 'id',
    }) }}
{%- endmacro %}
