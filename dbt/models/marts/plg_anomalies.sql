with loops as (

    {{ plg.unnest_result(
        ref('plg_int_anomaly_results'),
        keys=['workspace_id', 'as_of'],
        result='loops',
        path='loops',
        fields={
            'user_id': 'string', 'event': 'string', 'hour': 'timestamp', 'is_day': 'boolean', 'count': 'float',
            'last_at': 'timestamp'
        }
    ) | indent(4) }}

),

bursts as (

    {{ plg.unnest_result(
        ref('plg_int_signup_bursts'),
        keys=['as_of'],
        path='bursts',
        fields={'block': 'string', 'count': 'float', 'first_at': 'timestamp', 'last_at': 'timestamp'}
    ) | indent(4) }}

)

select
    as_of,
    'event_loop' as anomaly,
    'alert' as status,
    workspace_id,
    user_id,
    event,
    cast(null as {{ plg.type_name('string') }}) as ip_block,
    hour as first_at,
    last_at,
    count as event_count,
    cast(null as {{ plg.type_name('float') }}) as mean,
    cast(null as {{ plg.type_name('float') }}) as ratio,
    cast(null as {{ plg.type_name('float') }}) as robust_z
from loops

union all

select
    as_of,
    'rate_anomaly' as anomaly,
    {{ plg.field('rate', 'status', 'string') }} as status,
    workspace_id,
    cast(null as {{ plg.type_name('string') }}) as user_id,
    cast(null as {{ plg.type_name('string') }}) as event,
    cast(null as {{ plg.type_name('string') }}) as ip_block,
    cast(cast(as_of as date) as {{ plg.type_name('timestamp') }}) as first_at,
    as_of as last_at,
    {{ plg.field('rate', 'today', 'float') }} as event_count,
    {{ plg.field('rate', 'mean', 'float') }} as mean,
    {{ plg.field('rate', 'ratio', 'float') }} as ratio,
    {{ plg.field('rate', 'robust_z', 'float') }} as robust_z
from {{ ref('plg_int_anomaly_results') }}

union all

select
    as_of,
    'signup_burst' as anomaly,
    'alert' as status,
    cast(null as {{ plg.type_name('string') }}) as workspace_id,
    cast(null as {{ plg.type_name('string') }}) as user_id,
    cast(null as {{ plg.type_name('string') }}) as event,
    block as ip_block,
    first_at,
    last_at,
    count as event_count,
    cast(null as {{ plg.type_name('float') }}) as mean,
    cast(null as {{ plg.type_name('float') }}) as ratio,
    cast(null as {{ plg.type_name('float') }}) as robust_z
from bursts
