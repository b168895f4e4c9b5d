{#-
  RudderStack's table tracks ("Warehouse Schema" in its documentation), which follows Segment's: one row per `track`
  call, `event` in snake case, `timestamp` put right by how far the device's clock was off; `channel` is web, mobile,
  server or sources. A context.groupId that the product sends becomes `context_group_id`.
-#}
{% macro _rudderstack_events(entry) -%}
    {{ return({
        'event': 'event',
        'occurred_at': plg._source_name('timestamp'),
        'user_id': 'user_id',
        'anonymous_id': 'anonymous_id',
        'workspace_id': 'context_group_id',
        'event_id': 'id',
        'source': 'channel',
    }) }}
{%- endmacro %}
