-- depends_on: {{ ref('plg_identities') }}
-- depends_on: {{ ref('plg_identity_audit') }}
-- depends_on: {{ ref('plg_identity_ledger') }}
-- What has been resolved, written last: where a run stops before, the next one resolves the same components again.
select
    component,
    fingerprint
from {{ ref('plg_int_identity_fingerprints') }}
