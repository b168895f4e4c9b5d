select
    cast(sales_activity_id as {{ plg.type_name('string') }}) as sales_activity_id,
    cast(workspace_id as {{ plg.type_name('string') }}) as workspace_id,
    cast(started_at as {{ plg.type_name('timestamp') }}) as started_at,
    cast(ended_at as {{ plg.type_name('timestamp') }}) as ended_at
from {{
    plg.optional_source('sales_activities', {
        'sales_activity_id': 'string', 'workspace_id': 'string', 'started_at': 'timestamp', 'ended_at': 'timestamp'
    })
}}
