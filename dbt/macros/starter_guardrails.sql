{#- Generated from udfs/person/documents/guardrails.json by `cargo xtask sample`. -#}
{% macro starter_guardrails() -%}
    {%- set document -%}
{% raw %}
{
  "name": "Guardrails",
  "types": [
    {"type": "user_id", "unique": true},
    {"type": "sso_subject", "at_most": 5},
    {"type": "billing_id", "at_most": 5},
    {"type": "crm_contact_id", "at_most": 5},
    {"type": "email", "at_most": 5},
    {"type": "anonymous_id", "at_most": 5}
  ],
  "cluster_size": 200,
  "hub_links": 1000,
  "blocked": [{"only": "0-"}, {"value": "-1"}, {"value": "null"}, {"value": "anonymous"}]
}
{% endraw %}
    {%- endset -%}
    {{ return(tojson(fromjson(document))) }}
{%- endmacro %}
