{%- set statuses = {
    'exact': 'exact', 'alias': 'by_alias', 'duplicate': 'duplicates', 'several': 'several', 'tie': 'ties',
    'alias_collision': 'alias_collisions', 'shared_inbox': 'shared_inboxes', 'unmatched': 'unmatched',
    'no_email': 'without_email', 'too_many': 'too_many',
} -%}
-- A duplicate is no further match: who has the address once more is in the CRM, or in the product, twice.
with counts as (

    select
        matched_from,
        count(*) as members,
        {%- for status, column in statuses.items() %}
        sum(case when status = {{ plg.text(status) }} then 1 else 0 end) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_contacts') }}
    group by matched_from

)

select
    matched_from,
    {{ plg.as_of() }} as as_of,
    members,
    exact + by_alias as matched,
    cast(exact + by_alias as {{ plg.type_name('float') }}) / members as match_rate,
    {%- for column in statuses.values() %}
    {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
from counts
