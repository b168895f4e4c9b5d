-- depends_on: {{ ref('plg_int_identity_groups') }}
{%- set kept_ledger = plg._identity_kept('plg_identity_ledger') -%}
-- One call for each bucket. The ledger is that of the runs before: this one adds to it what is minted here.
with links as (

    select
        buckets.bucket,
        {{ plg.agg_rows({
            'left_type': 'links.left_type',
            'left_value': 'links.left_value',
            'right_type': 'links.right_type',
            'right_value': 'links.right_value',
            'first_seen': 'links.first_seen',
            'last_seen': 'cast(null as ' ~ plg.type_name('timestamp') ~ ')',
            'left_links': 'links.left_links',
            'right_links': 'cast(0 as ' ~ plg.type_name('float') ~ ')',
            'left_shared': 'links.left_shared',
            'right_shared': 'cast(0 as ' ~ plg.type_name('float') ~ ')',
        }) | indent(8) }} as link_list
    from {{ ref('plg_int_identity_group_rows') }} as links
    inner join {{ ref('plg_int_identity_buckets') }} as buckets
        on links.group_key = buckets.group_key
    group by buckets.bucket

){% if kept_ledger is not none %},

ledger_rows as (

    select
        canonical_id,
        founder_type,
        founder_value,
        minted_at,
        {{ plg._identity_key('founder_type', 'founder_value') }} as founder_key
    from {{ kept_ledger }}

),

ledgers as (

    select
        buckets.bucket,
        {{ plg.agg_rows({
            'canonical_id': 'ledger_rows.canonical_id',
            'founder_type': 'ledger_rows.founder_type',
            'founder_value': 'ledger_rows.founder_value',
            'minted_at': 'ledger_rows.minted_at',
        }) | indent(8) }} as ledger_list
    from ledger_rows
    inner join {{ ref('plg_int_identity_groups') }} as founder_groups
        on ledger_rows.founder_key = founder_groups.identifier
    inner join {{ ref('plg_int_identity_buckets') }} as buckets
        on founder_groups.group_key = buckets.group_key
    group by buckets.bucket

){% endif %}

select
    links.bucket,
    {{ plg.fn('identity_resolve') }}(
        links.link_list,
        {{ 'ledgers.ledger_list' if kept_ledger is not none else plg._no_rows(plg._ledger_fields()) }},
        {{ plg.text(plg.guardrails()) }},
        {{ plg.as_of() }}
    ) as result
from links
{%- if kept_ledger is not none %}
left join ledgers
    on links.bucket = ledgers.bucket
{%- endif %}
