{#- Generated from udfs/health/documents/starter_health.json by `cargo xtask sample`. -#}
{% macro starter_health() -%}
    {%- set document -%}
{% raw %}
{
  "name": "Use-case health",
  "version": "1",
  "use_cases": [
    {"use_case": "core_use", "weight": 2, "measures": [
      {"measure": "core_feature_days_used_14d", "weight": 2, "green": 6, "yellow": 2},
      {"measure": "key_feature_adoption_ratio", "green": 0.5, "yellow": 0.2},
      {"measure": "wau_mau_ratio", "green": 0.6, "yellow": 0.3}
    ]},
    {"use_case": "collaboration", "measures": [
      {"measure": "active_seats_7d", "weight": 2, "green": 4, "yellow": 2},
      {"measure": "invites_sent_14d", "green": 2, "yellow": 1},
      {"measure": "seat_growth_30d", "green": 1, "yellow": 0}
    ]},
    {"use_case": "automation", "measures": [
      {"measure": "automation_runs_7d", "green": 5, "yellow": 1},
      {"measure": "integration_installed_count", "green": 1, "yellow": 1}
    ]},
    {"use_case": "capacity", "measures": [
      {"measure": "usage_limit_hits_30d", "better": "lower", "green": 0, "yellow": 2},
      {"measure": "api_rate_limit_hits_7d", "better": "lower", "green": 0, "yellow": 5}
    ]}
  ]
}
{% endraw %}
    {%- endset -%}
    {{ return(tojson(fromjson(document))) }}
{%- endmacro %}
