{#- No person is larger than the guardrails allow, has more of a type, or anybody beside a demoted identifier. -#}
{% test persons_keep_guardrails(model) %}

{%- set guardrails = fromjson(plg.guardrails()) %}

select canonical_id
from {{ model }}
group by canonical_id
having
    (count(*) > 1 and count(demoted) > 0)
    {%- if 'cluster_size' in guardrails %}
    or count(*) > {{ guardrails['cluster_size'] }}
    {%- endif %}
    {%- for entry in guardrails['types'] if entry.get('unique') or 'at_most' in entry %}
    or count(case when identifier_type = {{ plg.text(entry['type']) }} then 1 end)
    > {{ 1 if entry.get('unique') else entry['at_most'] }}
    {%- endfor %}

{% endtest %}
