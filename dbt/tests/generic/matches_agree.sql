{#-
    A match read from one side is the match read from the other, nobody is matched twice, and whoever is not matched has
    nobody beside him; a duplicate has the match of the one that stands for it.
-#}
{% test matches_agree(model) %}

with pairs as (

    select
        user_id,
        contact_id,
        status,
        sum(case when matched_from = 'user' then 1 else 0 end) as from_user,
        sum(case when matched_from = 'contact' then 1 else 0 end) as from_contact
    from {{ model }}
    where status in ('exact', 'alias')
    group by user_id, contact_id, status

)

select
    user_id,
    contact_id,
    'the match is not the same from both sides' as problem
from pairs
where from_user <> 1 or from_contact <> 1 or user_id is null or contact_id is null

union all

select
    max(user_id) as user_id,
    max(contact_id) as contact_id,
    'matched with several' as problem
from {{ model }}
where status in ('exact', 'alias')
group by matched_from, case when matched_from = 'user' then contact_id else user_id end
having count(*) > 1

union all

select
    user_id,
    contact_id,
    'guessed' as problem
from {{ model }}
where status not in ('exact', 'alias', 'duplicate') and user_id is not null and contact_id is not null

union all

select
    duplicates.user_id,
    duplicates.contact_id,
    'a duplicate of nobody' as problem
from {{ model }} as duplicates
left join pairs
    on
        (duplicates.matched_from = 'user' and duplicates.contact_id = pairs.contact_id)
        or (duplicates.matched_from = 'contact' and duplicates.user_id = pairs.user_id)
where
    duplicates.status = 'duplicate'
    and duplicates.user_id is not null
    and duplicates.contact_id is not null
    and pairs.status is null

{% endtest %}
