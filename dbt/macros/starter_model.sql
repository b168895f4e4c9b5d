{#- Generated from udfs/score/documents/starter.json by `cargo xtask sample`. -#}
{% macro starter_model() -%}
    {%- set model -%}
{% raw %}
{
  "name": "starter",
  "version": "1",
  "horizon_days": 365,
  "buckets": [
    {"name": "activation", "max": 25},
    {"name": "depth", "max": 25},
    {"name": "expansion", "max": 20},
    {"name": "intent", "max": 20},
    {"name": "fit", "max": 10},
    {"name": "negative", "negative": true}
  ],
  "events": [
    {
      "event": "workspace_created", "bucket": "activation", "scope": "user", "points": 2,
      "decay": {"kind": "exponential", "days": 30},
      "label": {"one": "workspace created", "other": "workspaces created"}
    },
    {
      "event": "key_action_completed", "bucket": "activation", "scope": "user", "points": 15,
      "decay": {"kind": "exponential", "days": 30},
      "label": {"one": "key action completed", "other": "key actions completed"}
    },
    {
      "event": "first_value_delivered", "bucket": "activation", "scope": "user", "points": 8,
      "decay": {"kind": "exponential", "days": 30},
      "label": {"one": "first value delivered", "other": "first values delivered"}
    },
    {
      "event": "core_feature_used", "bucket": "depth", "scope": "user", "points": 2, "per": "day",
      "cap": {"points": 10, "days": 7}, "decay": {"kind": "exponential", "days": 14},
      "label": {"one": "day with core feature use", "other": "days with core feature use"}
    },
    {
      "event": "automation_run", "bucket": "depth", "scope": "user", "points": 3,
      "cap": {"points": 12, "days": 7}, "decay": {"kind": "exponential", "days": 14},
      "label": {"one": "automation run", "other": "automation runs"}
    },
    {
      "event": "invite_sent", "bucket": "expansion", "scope": "workspace", "points": 2,
      "cap": {"points": 10, "days": 14}, "decay": {"kind": "exponential", "days": 21},
      "label": {"one": "invite sent", "other": "invites sent"}
    },
    {
      "event": "invite_accepted", "bucket": "expansion", "scope": "workspace", "points": 4,
      "cap": {"points": 12, "days": 14}, "decay": {"kind": "exponential", "days": 21},
      "label": {"one": "invite accepted", "other": "invites accepted"}
    },
    {
      "event": "new_active_user_day", "bucket": "expansion", "scope": "workspace", "points": 2,
      "cap": {"points": 10, "days": 14}, "decay": {"kind": "exponential", "days": 21},
      "label": {"one": "new active user", "other": "new active users"}
    },
    {
      "event": "pricing_page_view", "bucket": "intent", "scope": "user", "points": 3,
      "cap": {"points": 6, "days": 7}, "decay": {"kind": "exponential", "days": 7},
      "label": {"one": "pricing page view", "other": "pricing page views"}
    },
    {
      "event": "upgrade_click", "bucket": "intent", "scope": "user", "points": 8,
      "decay": {"kind": "exponential", "days": 7},
      "label": {"one": "upgrade click", "other": "upgrade clicks"}
    },
    {
      "event": "usage_limit_hit", "bucket": "intent", "scope": "workspace", "points": 10,
      "decay": {"kind": "exponential", "days": 7},
      "label": {"one": "usage limit hit", "other": "usage limit hits"}
    },
    {
      "event": "workspace_downgraded", "bucket": "negative", "scope": "workspace", "points": -15,
      "decay": {"kind": "exponential", "days": 30},
      "label": {"one": "workspace downgrade", "other": "workspace downgrades"}
    },
    {
      "event": "uninstall_integration", "bucket": "negative", "scope": "workspace", "points": -6,
      "decay": {"kind": "exponential", "days": 30},
      "label": {"one": "integration uninstalled", "other": "integrations uninstalled"}
    }
  ],
  "roles": {
    "workspace_admin": 1.3,
    "manager": 1.2,
    "director": 1.2,
    "vp": 1.2,
    "target_ic": 1.0,
    "student": 0.6,
    "personal_email": 0.6
  },
  "other_role": 0.6,
  "stages": [
    {"name": "Hot PQL", "at_least": 80},
    {"name": "PQL", "at_least": 65},
    {"name": "Warm", "at_least": 50},
    {"name": "Not PQL"}
  ]
}
{% endraw %}
    {%- endset -%}
    {{ return(tojson(fromjson(model))) }}
{%- endmacro %}
