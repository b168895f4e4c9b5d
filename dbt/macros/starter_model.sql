{#- Generated from udfs/score/documents/starter.json by `cargo xtask sample`. -#}
{% macro starter_model() -%}
    {%- set document -%}
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
  "role_rules": [
    {"role": "workspace_admin", "when": "is_workspace_admin"},
    {"role": "vp", "when": "seniority = 'vp'"},
    {"role": "director", "when": "seniority = 'director'"},
    {"role": "manager", "when": "seniority = 'manager'"},
    {"role": "student", "when": "is_student"},
    {"role": "personal_email", "when": "has_personal_email"},
    {"role": "target_ic", "when": "is_in_target_function"}
  ],
  "admin_roles": ["workspace_admin"],
  "champion_personas": ["champion", "economic buyer"],
  "states": [
    {
      "state": "trial_ending", "bucket": "intent", "points": 5, "when": "trial_days_remaining between 0 and 3",
      "reason": "Trial ends within 3 days"
    },
    {
      "state": "inactive_14d", "bucket": "negative", "points": -20, "when": "active_days_14d = 0",
      "reason": "Nobody was active in the last 14 days"
    }
  ],
  "fit": {
    "bucket": "fit",
    "points": 10,
    "rules": [
      {"rule": "employees", "weight": 30, "when": "employee_count between 50 and 2000"},
      {"rule": "industry", "weight": 25, "when": "industry in ('software', 'financial services', 'media')"},
      {"rule": "region", "weight": 15, "when": "hq_region in ('north america', 'europe')"},
      {"rule": "data_warehouse", "weight": 20, "when": "uses_data_warehouse"},
      {"rule": "business_domain", "weight": 10, "when": "has_business_domain"}
    ],
    "tiers": [{"name": "A", "at_least": 75}, {"name": "B", "at_least": 50}, {"name": "C"}],
    "minimum_known": 0.5
  },
  "milestones": [
    {"milestone": "key action completed", "when": "first_key_action_at is not null", "channel": "in_app"},
    {"milestone": "teammate invited", "when": "first_invite_sent_at is not null", "channel": "in_app"},
    {"milestone": "integration installed", "when": "first_integration_installed_at is not null", "channel": "in_app"},
    {"milestone": "second active user", "when": "lifetime_active_users >= 2", "channel": "email"},
    {"milestone": "habit reached", "when": "habit_reached_at is not null", "channel": "email"},
    {"milestone": "buyer present", "when": "has_buyer", "channel": "email"}
  ],
  "spam": {
    "per_hour": 100, "bucket": "negative", "points": -10, "decay": {"kind": "exponential", "days": 30}
  },
  "gate": {"events": ["upgrade_click", "usage_limit_hit"], "admin_key_events": true, "days": 14},
  "stages": [
    {"name": "Hot PQL", "at_least": 80},
    {"name": "PQL", "at_least": 65},
    {"name": "Warm", "at_least": 50},
    {"name": "Not PQL"}
  ],
  "stage_margin": 0,
  "account": {"types": ["prod"], "counts_from": 50, "points": 2, "at_most": 10},
  "anomalies": {
    "rate": {"times": 5, "days": 30, "minimum_days": 7, "minimum_mean": 1, "robust_z": 3.5},
    "signups": {"count": 100, "seconds": 60}
  },
  "handoff": {
    "reasons": 3,
    "key_events": 5,
    "opener": "I saw that your team had {reason_1} and {reason_2}. Shall we look together at what comes next?"
  },
  "routing": {
    "name": "PQL routing",
    "destinations": [
      {
        "name": "csm_expansion",
        "payload": ["score", "top_reasons", "seats", "seat_growth_30d", "admins", "champions"]
      },
      {
        "name": "sdr",
        "payload": ["score", "top_reasons", "last_key_events", "admins", "champions", "opener"]
      },
      {
        "name": "sdr_light_touch",
        "payload": ["score", "top_reasons", "champions", "opener"]
      },
      {
        "name": "lifecycle_email",
        "payload": ["primary_email", "next_best_action", "top_reasons"]
      },
      {
        "name": "in_app",
        "when": "last_active_at between as_of - interval 30 minutes and as_of and next_best_action_channel = 'in_app'",
        "payload": ["user_id", "next_best_action"]
      },
      {
        "name": "nurture",
        "payload": ["primary_email"]
      }
    ],
    "rules": [
      {
        "code": "expansion",
        "reason": "Paying, with a score of 70 or more",
        "when": "is_paid and score >= 70",
        "destinations": ["csm_expansion"]
      },
      {
        "code": "sales",
        "reason": "A score of 80 or more, with fit, a reason to buy, and high intent in the last 14 days",
        "when": "score >= 80 and icp_tier in ('A', 'B') and (has_admin or pricing_page_views_7d > 0 or upgrade_clicks_7d > 0 or 5 * seat_growth_30d > seats) and last_high_intent_at between as_of - interval 14 days and as_of",
        "destinations": ["sdr"]
      },
      {
        "code": "lifecycle",
        "reason": "A score of 60 or more that is not for sales",
        "when": "score >= 60",
        "destinations": [
          "lifecycle_email",
          "in_app",
          {
            "destination": "sdr_light_touch",
            "when": "score >= 65 and icp_tier = 'A' and last_high_intent_at between as_of - interval 14 days and as_of"
          }
        ]
      },
      {
        "code": "warm",
        "reason": "A score of 50 or more",
        "when": "score >= 50",
        "destinations": ["nurture", "in_app"]
      },
      {
        "code": "nurture",
        "reason": "A score below 50, or none",
        "destinations": ["nurture"]
      }
    ],
    "owners": [
      {"team": "AE", "route": "expansion", "when": "segment = 'enterprise'", "owner": "account_ae"},
      {"team": "CSM", "route": "expansion"},
      {"team": "AE", "when": "account_ae is not null", "owner": "account_ae"},
      {"team": "SDR with AE assist", "when": "segment = 'enterprise' and score >= 80"},
      {"team": "SDR pool"}
    ],
    "notes": [
      {"text": "Fit is uncertain", "when": "icp_tier is null or icp_tier = 'C'"},
      {
        "text": "No admin, no pricing or upgrade intent, no seat growth above 20 %",
        "when": "(has_admin or pricing_page_views_7d > 0 or upgrade_clicks_7d > 0 or 5 * seat_growth_30d > seats) is not true"
      },
      {
        "text": "No high intent in the last 14 days",
        "when": "(last_high_intent_at between as_of - interval 14 days and as_of) is not true"
      }
    ]
  },
  "on_missing": "null"
}
{% endraw %}
    {%- endset -%}
    {{ return(tojson(fromjson(document))) }}
{%- endmacro %}
