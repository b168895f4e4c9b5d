-- One call per workspace, user and account, for all of its metrics.
{%- set grains = {
    'workspace': {
        'id': 'daily.workspace_id',
        'rollups': ref('plg_workspace_daily_events'),
        'known': 'select workspace_id as entity_id from ' ~ ref('plg_int_workspaces'),
    },
    'user': {
        'id': 'daily.user_id',
        'rollups': ref('plg_daily_events'),
        'known': 'select entity_id from ' ~ ref('plg_int_entities') ~ " where entity = 'user'",
    },
    'account': {
        'id': 'account_workspaces.account_id',
        'rollups': ref('plg_workspace_daily_events'),
        'known': 'select account_id as entity_id from ' ~ ref('plg_stg_accounts') ~ ' where account_id is not null',
    },
} %}
with account_workspaces as (

    select
        workspace_id,
        coalesce(declared_account_id, account_id) as account_id
    from {{ ref('plg_workspace_accounts') }}
    where declared_account_id is not null or account_id is not null

)

{%- for grain, source in grains.items() %}

select
    '{{ grain }}' as grain,
    entity_id,
    {{ plg.fn('usage_metrics') }}(
        {{ plg.agg_events('event', 'occurred_at', count='event_count', user_id='user_id') }},
        {{ plg._metrics_document(grain) }},
        {{ plg.as_of() }}
    ) as result
from (

    select
        {{ source['id'] }} as entity_id,
        daily.user_id,
        daily.event,
        daily.last_at as occurred_at,
        daily.event_count
    from {{ source['rollups'] }} as daily
    {%- if grain == 'account' %}
    inner join account_workspaces
        on daily.workspace_id = account_workspaces.workspace_id
    {%- endif %}
    where {{ plg._metrics_condition(grain, 'daily') }}

    union all

    -- One row without event for each that there is, so that nobody's metrics are missing.
    select
        entity_id,
        cast(null as {{ plg.type_name('string') }}) as user_id,
        cast(null as {{ plg.type_name('string') }}) as event,
        cast(null as {{ plg.type_name('timestamp') }}) as occurred_at,
        0 as event_count
    from ({{ source['known'] }}) as known

) as usages
group by entity_id
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}
