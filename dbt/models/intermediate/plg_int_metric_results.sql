-- One call per workspace, user and account, for all of its metrics.
{%- set grains = {
    'workspace': {'ids': ref('plg_int_workspaces'), 'id': 'workspace_id'},
    'user': {'ids': ref('plg_int_entities'), 'id': 'entity_id', 'only': "entity = 'user'"},
    'account': {'ids': ref('plg_stg_accounts'), 'id': 'account_id'},
} %}
with account_workspaces as (

    select
        workspace_id,
        coalesce(declared_account_id, account_id) as account_id
    from {{ ref('plg_workspace_accounts') }}
    where declared_account_id is not null or account_id is not null

),

usages as (

    -- One row without event for each that there is, so that nobody's metrics are missing.
    {%- for grain, ids in grains.items() %}
    select
        '{{ grain }}' as grain,
        {{ ids['id'] }} as entity_id,
        cast(null as {{ plg.type_name('string') }}) as user_id,
        cast(null as {{ plg.type_name('string') }}) as event,
        cast(null as {{ plg.type_name('timestamp') }}) as occurred_at,
        0 as event_count
    from {{ ids['ids'] }}
    where {{ ids['id'] }} is not null{{ ' and ' ~ ids['only'] if ids['only'] }}

    union all
    {% endfor %}
    select
        'workspace' as grain,
        daily.workspace_id as entity_id,
        daily.user_id,
        daily.event,
        daily.last_at as occurred_at,
        daily.event_count
    from {{ ref('plg_workspace_daily_events') }} as daily
    where {{ plg._metrics_condition('workspace', 'daily') }}

    union all

    select
        'user' as grain,
        daily.user_id as entity_id,
        daily.user_id,
        daily.event,
        daily.last_at as occurred_at,
        daily.event_count
    from {{ ref('plg_daily_events') }} as daily
    where {{ plg._metrics_condition('user', 'daily') }}

    union all

    select
        'account' as grain,
        account_workspaces.account_id as entity_id,
        daily.user_id,
        daily.event,
        daily.last_at as occurred_at,
        daily.event_count
    from {{ ref('plg_workspace_daily_events') }} as daily
    inner join account_workspaces
        on daily.workspace_id = account_workspaces.workspace_id
    where {{ plg._metrics_condition('account', 'daily') }}

)

{%- for grain in grains %}

select
    grain,
    entity_id,
    {{ plg.fn('usage_metrics') }}(
        {{ plg.agg_events('event', 'occurred_at', count='event_count', user_id='user_id') }},
        {{ plg._metrics_document(grain) }},
        {{ plg.as_of() }}
    ) as result
from usages
where grain = '{{ grain }}'
group by grain, entity_id
{%- if not loop.last %}

union all
{%- endif %}
{%- endfor %}
