{#-
  Snowplow's table events ("Snowplow atomic event properties" in its documentation): `event_name` is the name of the
  event's schema, such as link_click (`event` only says unstruct for all of those), `derived_tstamp` the time on the
  device put right by how far its clock was off, `domain_userid` a cookie, `platform` such as web, mob or srv. Workspaces
  are in entities of one's own, so columns must say where.
-#}
{% macro _snowplow_events(entry) -%}
    {{ return({
        'event': 'event_name',
        'occurred_at': 'derived_tstamp',
        'user_id': 'user_id',
        'anonymous_id': 'domain_userid',
        'event_id': 'event_id',
        'source': 'platform',
    }) }}
{%- endmacro %}
