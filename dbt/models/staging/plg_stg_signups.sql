select
    cast(signup_id as {{ plg.type_name('string') }}) as signup_id,
    nullif(trim(cast(ip as {{ plg.type_name('string') }})), '') as ip,
    cast(occurred_at as {{ plg.type_name('timestamp') }}) as occurred_at
from {{
    plg.optional_source('signups', {'signup_id': 'string', 'ip': 'string', 'occurred_at': 'timestamp'})
}}
