-- What goes into one call together: a component.
select
    components.identifier,
    components.component,
    components.component as group_key
from {{ ref('plg_int_identity_components') }} as components
inner join {{ ref('plg_int_identity_touched') }} as touched
    on components.component = touched.component
