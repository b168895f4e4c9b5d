{%- set reasons = ['no_identifier', 'no_address', 'unknown_type', 'no_timestamp', 'after_as_of'] -%}
with reasons as (

    {%- for reason in reasons %}
    select '{{ reason }}' as reason
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select
    reasons.reason,
    count(links.ignored_reason) as row_count
from reasons
left join {{ ref('plg_stg_identity_links') }} as links
    on reasons.reason = links.ignored_reason
group by reasons.reason
