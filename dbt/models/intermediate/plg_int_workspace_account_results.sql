{{
    config(
        materialized='incremental', unique_key='workspace_id',
        post_hook="{{ plg._forget_vanished(ref('plg_int_workspaces'), 'workspace_id') }}"
    )
}}
{%- set settings = tojson(var('plg_account_mapping', none) or {}) -%}
{%- set lists = {
    'signal': {'signal': 'name', 'domain': 'email_domain', 'kind': 'email_kind'},
    'user': {'user_id': 'name', 'domain': 'email_domain', 'kind': 'email_kind', 'account_id': 'account_id'},
    'domain': {'domain': 'email_domain', 'account_id': 'account_id'},
    'exception': {'exception': 'name', 'domain': 'email_domain', 'account_id': 'account_id'},
} -%}
-- One call per workspace, and only where something about it has changed.
with fingerprints as (

    select
        workspace_id,
        {{ plg._fingerprint(['part', 'name', 'email_domain', 'email_kind', 'account_id']) | indent(8) }} as fingerprint
    from {{ ref('plg_int_workspace_account_rows') }}
    group by workspace_id

),

wanted as (

    select
        workspaces.workspace_id,
        {{ plg._computed_with(settings) }} || coalesce(fingerprints.fingerprint, '') as computed_with
    from {{ ref('plg_int_workspaces') }} as workspaces
    left join fingerprints
        on workspaces.workspace_id = fingerprints.workspace_id

),

touched as (

    select wanted.*
    from wanted
    {%- if is_incremental() %}
    left join {{ this }} as stored_rows
        on wanted.workspace_id = stored_rows.workspace_id and wanted.computed_with = stored_rows.computed_with
    where stored_rows.workspace_id is null
    {%- endif %}

){% for part, fields in lists.items() %},

{{ part }}_lists as (

    select
        account_rows.workspace_id,
        {{ plg.agg_rows(fields) | indent(8) }} as {{ part }}_list
    from {{ ref('plg_int_workspace_account_rows') }} as account_rows
    inner join touched
        on account_rows.workspace_id = touched.workspace_id
    where account_rows.part = {{ plg.text(part) }}
    group by account_rows.workspace_id

){% endfor %}

select
    touched.workspace_id,
    touched.computed_with,
    {{ plg.as_of() }} as updated_at,
    {{ plg.fn('map_account') }}(
        {%- for part in lists %}
        {{ plg._or_empty(part ~ '_lists.' ~ part ~ '_list') }},
        {%- endfor %}
        {{ plg.text(settings) }}
    ) as result
from touched
{%- for part in lists %}
left join {{ part }}_lists
    on touched.workspace_id = {{ part }}_lists.workspace_id
{%- endfor %}
