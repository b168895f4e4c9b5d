{#- No user id is lost and none is counted twice: the people have as many as there are. -#}
{% test people_have_all_ids(model, people) %}

select
    people.person_id,
    count(*) as expected,
    max(persons.user_ids) as user_ids
from {{ people }} as people
left join {{ model }} as persons
    on people.person_id = persons.person_id
group by people.person_id
having max(persons.user_ids) is null or max(persons.user_ids) <> count(*)

{% endtest %}
