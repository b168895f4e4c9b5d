{%- set resolved = plg._identity_kept('plg_int_identity_resolved') -%}
{%- set is_all = flags.FULL_REFRESH or resolved is none
    or plg._identity_kept('plg_identities') is none or plg._identity_kept('plg_identity_audit') is none -%}
-- The components that this run resolves: those with other links than before, all of them on a full refresh.
select
    fingerprints.component,
    fingerprints.row_count,
    fingerprints.row_count > {{ plg._links_per_call() }} as is_oversized
from {{ ref('plg_int_identity_fingerprints') }} as fingerprints
{%- if not is_all %}
left join {{ resolved }} as resolved
    on fingerprints.component = resolved.component and fingerprints.fingerprint = resolved.fingerprint
where resolved.component is null
{%- endif %}
