with found as (

    {{ plg.unnest_result(
        ref('plg_int_identity_results'),
        fields={'identifier': 'string', 'canonical_id': 'string'}
    ) | indent(4) }}

)

select
    case
        when identifier like 'user:%' then 'user_id'
        when identifier like 'anon:%' then 'anonymous_id'
        when identifier like 'email:%' then 'email'
        when identifier like 'crm:%' then 'crm_contact_id'
        else 'other'
    end as identifier_type,
    case
        when identifier like 'user:%' or identifier like 'anon:%' then substr(identifier, 6)
        when identifier like 'email:%' then substr(identifier, 7)
        when identifier like 'crm:%' then substr(identifier, 5)
        else identifier
    end as identifier,
    canonical_id,
    cast(null as {{ plg.type_name('timestamp') }}) as first_seen,
    cast(null as {{ plg.type_name('timestamp') }}) as last_seen,
    false as demoted
from found
