-- One row per workspace with what everything else says of it, for people and for syncs to other tools.
{%- set experiments = [] -%}
{%- for name, experiment in plg.experiments().items() if experiment.get('unit') == 'workspace' -%}
    {%- do experiments.append(name) -%}
{%- endfor %}
with journeys as (

    select
        workspace_id,
        max(case when journey = 'product' then state end) as product_state,
        max(case when journey = 'sales' then state end) as sales_state
    from {{ ref('plg_workspace_journeys') }}
    group by workspace_id

),

due_steps as (

    select
        workspace_id,
        due_step,
        due_at,
        row_number() over (partition by workspace_id order by coalesce(due_at, as_of), sequence) as earliest_first
    from {{ ref('plg_workspace_sequences') }}
    where due_step is not null

),

-- By person: an admin may be one under another id than the one that is active.
people_counts as (

    select
        workspace_id,
        count(*) as people,
        sum(case when is_workspace_admin then 1 else 0 end) as admins
    from {{ ref('plg_workspace_people') }}
    group by workspace_id

),

audiences as (

    select
        member_id as workspace_id,
        audience,
        destination,
        row_number() over (partition by member_id order by level desc, audience_set) as narrowest_first
    from {{ ref('plg_int_audience_results') }}
    where level > 0

)
{%- if experiments %},

cohorts as (

    select
        entity_id as workspace_id,
        -- ; experiment: variant; experiment: variant
        {%- for name in experiments %}
        max(case when experiment = {{ plg.text(name) }} then '; {{ name }}: ' || variant else '' end)
        {{- ' ||' if not loop.last }}
        {%- endfor %} as listed
    from {{ ref('plg_cohorts') }}
    where experiment in ({{ plg.text_list(experiments) }})
    group by entity_id

)
{%- endif %}

select
    statuses.workspace_id,
    statuses.as_of,
    accounts.account_id,
    coalesce(people_counts.people, 0) as people,
    coalesce(people_counts.admins, 0) as admins,
    coalesce(people_counts.admins, 0) > 0 as has_admin,
    statuses.status,
    journeys.product_state,
    journeys.sales_state,
    due_steps.due_step,
    due_steps.due_at,
    audiences.audience,
    audiences.destination,
    {{ 'substr(cohorts.listed, 3)' if experiments else 'cast(null as ' ~ plg.type_name('string') ~ ')' }} as cohorts
from {{ ref('plg_workspace_status') }} as statuses
left join {{ ref('plg_workspace_accounts') }} as accounts
    on statuses.workspace_id = accounts.workspace_id
left join people_counts
    on statuses.workspace_id = people_counts.workspace_id
left join journeys
    on statuses.workspace_id = journeys.workspace_id
left join due_steps
    on statuses.workspace_id = due_steps.workspace_id and due_steps.earliest_first = 1
left join audiences
    on statuses.workspace_id = audiences.workspace_id and audiences.narrowest_first = 1
{%- if experiments %}
left join cohorts
    on statuses.workspace_id = cohorts.workspace_id
{%- endif %}
