{%- set columns = {'active_accounts_1d': 'dau', 'active_accounts_7d': 'wau', 'active_accounts_28d': 'mau'} -%}
-- Which accounts a day's workspaces were of can change later, so these days are counted from those of accounts.
with counts as (

    select
        products.day,
        {%- for column, measure in columns.items() %}
        count(case when accounts.{{ measure }} > 0 then 1 end) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('plg_daily_activity') }} as products
    left join {{ ref('plg_daily_activity') }} as accounts
        on accounts.grain = 'account' and products.day = accounts.day
    where products.grain = 'product'
    group by products.day

)

-- NULL while there is no such day, and of the product there is every day from the first on.
select
    day,
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {%- for days in [7, 14, 30] %}
    {%- set last_period = loop.last %}
    {%- for column in columns %}
    cast({{ column }} - lag({{ column }}, {{ days }}) over (order by day) as {{ plg.type_name('float') }}) / {{ days }}
        as {{ column }}_velocity_{{ days }}d{{ ',' if not (loop.last and last_period) }}
    {%- endfor %}
    {%- endfor %}
from counts
