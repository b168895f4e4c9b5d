{{
    config(
        materialized='incremental', unique_key='account_id',
        post_hook="{{ plg._forget_vanished(ref('plg_account_activity'), 'account_id') }}"
    )
}}
{%- set as_of = plg.as_of() -%}
{%- set integer = plg.type_name('integer') -%}
{%- set pql_stages = plg.text_list(var('plg_pql_stages', none) or ['Hot PQL', 'PQL']) -%}
-- One row per company that the CRM knows or that a workspace is of.
with domains as (

    select
        domains.account_id,
        emails.email_domain,
        max(case when accounts.account_domain is not null then 1 else 0 end) as is_primary
    from {{ ref('plg_stg_account_domains') }} as domains
    inner join {{ ref('plg_int_emails') }} as emails
        on {{ plg.email_address('domains.domain_text') }} = emails.email_text
    left join {{ ref('plg_stg_accounts') }} as accounts
        on domains.account_id = accounts.account_id and domains.domain_text = accounts.account_domain
    where emails.email_domain is not null
    group by domains.account_id, emails.email_domain

),

domain_lists as (

    select
        account_id,
        coalesce(min(case when is_primary = 1 then email_domain end), min(email_domain)) as primary_domain,
        {{ dbt.listagg('email_domain', "', '", 'order by email_domain') }} as domains
    from domains
    group by account_id

),

people_counts as (

    select
        account_id,
        count(*) as people
    from {{ ref('plg_users') }}
    where account_id is not null
    group by account_id

),

opportunities as (

    select
        workspace_id,
        count(*) as opportunities
    from {{ ref('plg_stg_opportunities') }}
    where opened_at <= {{ as_of }} and (closed_at is null or closed_at > {{ as_of }})
    group by workspace_id

),

-- BigQuery takes a name in GROUP BY for a column before it takes it for a table, so the table has another one.
workspaces as (

    select
        located.account_id,
        count(*) as workspaces,
        sum(case when located.type = 'prod' then 1 else 0 end) as production_workspaces,
        sum(located.mrr) as mrr,
        sum(located.arr) as arr,
        sum(located.seats_total) as seats_total,
        sum(coalesce(opportunities.opportunities, 0)) as open_opportunities,
        max(case when located.type = 'prod' and located.stage in ({{ pql_stages }}) then 1 else 0 end) as has_pql,
        max(case when located.paid_status in ('paid', 'past due') then 1 else 0 end) as is_paying,
        max(case when located.paid_status = 'past due' then 1 else 0 end) as is_past_due,
        max(case when located.route = 'expansion' then 1 else 0 end) as is_expanding,
        min(located.created_at) as first_workspace_at
    from {{ ref('plg_workspaces') }} as located
    left join opportunities
        on located.workspace_id = opportunities.workspace_id
    where located.account_id is not null
    group by located.account_id

),

fits as (

    select
        accounts.account_id,
        {{ plg.fn('icp_fit') }}({{ plg._account_facts('accounts') | indent(8) }}, {{ plg.text(plg.score_model()) }}) as result
    from {{ ref('plg_stg_accounts') }} as accounts
    where accounts.account_id is not null

),

computed as (

    select
        activity.account_id,
        accounts.name,
        domain_lists.primary_domain,
        domain_lists.domains,
        cast(accounts.employee_count as {{ integer }}) as employee_count,
        case
            {%- for most in [10, 50, 200, 500, 1000, 5000, 10000] %}
            when accounts.employee_count <= {{ most }} then '{{ [1, 11, 51, 201, 501, 1001, 5001][loop.index0] }}-{{ most }}'
            {%- endfor %}
            when accounts.employee_count > 10000 then '10001+'
        end as employee_range,
        accounts.industry,
        accounts.sub_industry,
        accounts.hq_country,
        accounts.hq_region,
        accounts.tech_stack,
        accounts.segment,
        {{ plg.field('fits.result', 'tier', 'string') }} as icp_tier,
        {{ plg.field('fits.result', 'score', 'float') }} as icp_score,
        coalesce(accounts.owner, accounts.account_ae) as owner,
        coalesce(
            accounts.lifecycle_stage,
            case
                when workspaces.is_paying = 1 and (workspaces.is_past_due = 1 or activity.active_days_7d = 0) then 'Churn Risk'
                when workspaces.is_paying = 1 and workspaces.is_expanding = 1 then 'Expansion'
                when workspaces.is_paying = 1 then 'Customer'
                when workspaces.open_opportunities > 0 then 'SQL'
                when workspaces.has_pql = 1 then 'PQL'
                else 'Prospect'
            end
        ) as lifecycle_stage,
        case when accounts.lifecycle_stage is not null then 'declared' else 'rules' end as lifecycle_stage_from,
        coalesce(workspaces.workspaces, 0) as workspaces,
        coalesce(workspaces.production_workspaces, 0) as production_workspaces,
        coalesce(people_counts.people, 0) as people,
        workspaces.seats_total,
        coalesce(workspaces.mrr, 0) as mrr,
        coalesce(workspaces.arr, 0) as arr,
        coalesce(workspaces.open_opportunities, 0) as open_opportunities,
        cast(round(scores.total) as {{ integer }}) as score,
        scores.stage,
        workspaces.first_workspace_at,
        activity.lifecycle as usage_lifecycle
    from {{ ref('plg_account_activity') }} as activity
    left join {{ ref('plg_stg_accounts') }} as accounts
        on activity.account_id = accounts.account_id
    left join domain_lists
        on activity.account_id = domain_lists.account_id
    left join people_counts
        on activity.account_id = people_counts.account_id
    left join workspaces
        on activity.account_id = workspaces.account_id
    left join fits
        on activity.account_id = fits.account_id
    left join {{ ref('plg_account_scores') }} as scores
        on activity.account_id = scores.account_id

)

{{ plg._changed_rows('computed', 'account_id', [
    'name', 'primary_domain', 'domains', 'employee_count', 'employee_range', 'industry', 'sub_industry', 'hq_country',
    'hq_region', 'tech_stack', 'segment', 'icp_tier', 'icp_score', 'owner', 'lifecycle_stage', 'lifecycle_stage_from',
    'workspaces', 'production_workspaces', 'people', 'seats_total', 'mrr', 'arr', 'open_opportunities', 'score', 'stage',
    'first_workspace_at', 'usage_lifecycle',
]) }}
