{#- Models that golden records name are met while the text is read, so dbt builds them before this one. -#}
{%- set as_of = plg.as_of() -%}
{%- set freshness = var('plg_freshness_days', none) or {'events': 2} -%}
{%- set coverage = var('plg_min_coverage', 0.95) -%}
{%- set checks = [] -%}
{%- set summaries = {} -%}

{#- One look at each source: rows, keys that are missing, rows beyond the first of a key. -#}
{%- for source, key in plg._trust_keys().items() if plg.has_source(source) -%}
    {%- set missing = key | join(' is null or ') ~ ' is null' -%}
    {%- set newest = plg._source_definitions()[source].get('newest') -%}
    {%- if not (newest and plg.has_column(source, newest)) -%}
        {%- set newest = none -%}
    {%- endif -%}
    {%- set query -%}
    select
        coalesce(sum(row_count), 0) as row_count,
        coalesce(sum(case when {{ missing }} then row_count end), 0) as missing,
        coalesce(sum(case when not ({{ missing }}) then row_count - 1 end), 0) as repeated,
        max(newest_at) as newest_at
    from (
        select
            {{ key | join(', ') }},
            count(*) as row_count,
            max({{ 'case when ' ~ newest ~ ' <= ' ~ as_of ~ ' then ' ~ newest ~ ' end' if newest
                else 'cast(null as ' ~ plg.type_name('timestamp') ~ ')' }}) as newest_at
        from {{ ref('plg_stg_' ~ source) }}
        group by {{ key | join(', ') }}
    ) as keyed
    {%- endset -%}
    {%- do summaries.update({source: query}) -%}
    {%- set of = source ~ '_summary' -%}
    {%- set rows_needed = 'fail' if source == 'users' else 'warn' -%}
    {%- do checks.append(plg._trust_check('rows', source, 'record_count', 'row_count', 'at_least', 1, rows_needed, of)) -%}
    {%- do checks.append(plg._trust_check('key_is_known', source, 'not_null', 'missing', 'equal', 0, 'fail', of)) -%}
    {%- do checks.append(plg._trust_check('key_is_unique', source, 'uniqueness', 'repeated', 'equal', 0, 'fail', of)) -%}
    {%- if newest and source in freshness -%}
        {%- do checks.append(plg._trust_check(
            'age_in_days', source, 'freshness', plg.days_between('newest_at', as_of), 'at_most', freshness[source], 'fail', of
        )) -%}
    {%- endif -%}
{%- endfor -%}

{%- for source, column, knows in plg._trust_relationships()
    if plg.has_source(source) and plg.has_source(knows) and (column != 'account_id' or plg.has_column(source, column)) -%}
    {%- set of -%}
    (
        select distinct {{ column }} from {{ ref('plg_stg_' ~ source) }} where {{ column }} is not null
    ) as referring
    left join (select distinct {{ column }} from {{ ref('plg_stg_' ~ knows) }}) as known
        on referring.{{ column }} = known.{{ column }}
    {%- endset -%}
    {%- set share = 'count(known.' ~ column ~ ') / nullif(cast(count(*) as ' ~ plg.type_name('float') ~ '), 0)' -%}
    {%- do checks.append(plg._trust_check(
        column ~ '_in_' ~ knows, source, 'relationship', share, 'at_least', coverage, 'warn', of
    )) -%}
{%- endfor -%}

{%- for record in plg._trust_golden_records() -%}
    {%- set matches = 'case when ' ~ plg._trust_is_golden(record['column'], record['expected']) ~ ' then 1 else 0 end' -%}
    {%- set found = 'max(cast(' ~ record['column'] ~ ' as ' ~ plg.type_name('string') ~ '))' -%}
    {%- set wanted = 'null' if record['expected'] is none else plg.text(record['expected'] | string) -%}
    {%- set name = record['column'] ~ ' of ' ~ (record['key'].values() | list | join(', ')) -%}
    {%- do checks.append(plg._trust_check(
        name, record['model'], 'golden_record', 'case when count(*) = 1 then max(' ~ matches ~ ') else 0 end', 'equal', 1,
        'fail', ref(record['model']) ~ ' as golden where ' ~ plg._trust_golden_key(record), [found, wanted]
    )) -%}
{%- endfor -%}

with
{%- for source, query in summaries.items() %}
{{ source }}_summary as (

    {{ query }}

),
{%- endfor %}

raw_events as (

    select
        count(*) as row_count,
        sum(case when ignored_reason is null then 1 else 0 end) as user_rows,
        sum(case when workspace_ignored_reason is null then 1 else 0 end) as workspace_rows
    from {{ ref('plg_stg_events') }}

),

user_rollup as (

    select
        coalesce(sum(row_count), 0) as row_count,
        coalesce(sum(event_count), 0) as event_count,
        count(distinct user_id) as users,
        max(last_at) as newest_at,
        sum(case when day >= {{ plg.days_before(7) }} then event_count end) as last_week,
        sum(case when day >= {{ plg.days_before(14) }} and day < {{ plg.days_before(7) }} then event_count end)
            as week_before
    from {{ ref('plg_int_user_event_days') }}

),

workspace_rollup as (

    select coalesce(sum(row_count), 0) as row_count from {{ ref('plg_int_workspace_event_days') }}

),

ignored as (

    select sum(row_count) as row_count from {{ ref('plg_ignored_events') }}

),

unknown_events as (

    select coalesce(sum(event_count), 0) as event_count from {{ ref('plg_unknown_events') }}

),

scored as (

    select count(*) as users, count(known.user_id) as known_users
    from {{ ref('plg_user_scores') }} as scores
    left join (select distinct user_id from {{ ref('plg_stg_users') }}) as known
        on scores.user_id = known.user_id

),

demotions as (

    select
        count(*) as identifiers,
        coalesce(sum(case when demoted is not null then 1 else 0 end), 0) as demoted_count
    from {{ ref('plg_int_identity_identifiers') }}

),

checks as (

    {{ plg._trust_check('rows', 'events', 'record_count', 'row_count', 'at_least', 1, 'fail', 'raw_events') }}

    union all

    {{ plg._trust_check(
        'last_week_by_week_before', 'events', 'record_count',
        'coalesce(last_week, 0) / nullif(cast(week_before as ' ~ plg.type_name('float') ~ '), 0)', 'at_least',
        var('plg_min_week_ratio', 0.5), 'warn', 'user_rollup'
    ) }}

    union all

    {{ plg._trust_check(
        'age_in_days', 'events', 'freshness', plg.days_between('newest_at', as_of), 'at_most', freshness.get('events', 2),
        'fail', 'user_rollup'
    ) }}

    union all

    {{ plg._trust_check(
        'rows_are_used_or_ignored', 'events', 'reconciliation', 'user_rollup.row_count + ignored.row_count', 'equal',
        'raw_events.row_count', 'fail', 'user_rollup cross join ignored cross join raw_events'
    ) }}

    union all

    {{ plg._trust_check(
        'rows_of_workspaces', 'plg_workspace_daily_events', 'reconciliation', 'workspace_rollup.row_count', 'equal',
        'raw_events.workspace_rows', 'fail', 'workspace_rollup cross join raw_events'
    ) }}

    union all

    {{ plg._trust_check(
        'users_of_rollup_are_scored', 'plg_user_scores', 'reconciliation', 'scored.users', 'equal', 'user_rollup.users',
        'fail', 'scored cross join user_rollup'
    ) }}

    union all

    {{ plg._trust_check(
        'user_id_in_users', 'events', 'relationship',
        'known_users / nullif(cast(users as ' ~ plg.type_name('float') ~ '), 0)', 'at_least', coverage, 'warn', 'scored'
    ) }}

    union all

    {{ plg._trust_check(
        'share_of_ignored_rows', 'events', 'guardrail',
        'ignored.row_count / nullif(cast(raw_events.row_count as ' ~ plg.type_name('float') ~ '), 0)', 'at_most',
        var('plg_max_ignored_share', 0.05), 'warn', 'ignored cross join raw_events'
    ) }}

    union all

    {{ plg._trust_check(
        'share_of_unknown_events', 'events', 'guardrail',
        'unknown_events.event_count / nullif(cast(user_rollup.event_count as ' ~ plg.type_name('float') ~ '), 0)', 'at_most',
        var('plg_max_unknown_share', 0.05), 'warn', 'unknown_events cross join user_rollup'
    ) }}

    union all

    {{ plg._trust_check(
        'share_of_demoted_identifiers', 'identity_links', 'guardrail',
        'demoted_count / nullif(cast(identifiers as ' ~ plg.type_name('float') ~ '), 0)', 'at_most',
        var('plg_max_demoted_share', 0.05), 'warn', 'demotions'
    ) }}
    {%- for check in checks %}

    union all

    {{ check }}
    {%- endfor %}

)

select
    check_name,
    subject,
    kind,
    case
        -- A share of nothing says nothing; an age of nothing is one of infinity.
        when observed is null and kind <> 'freshness' then 'pass'
        when comparison = 'equal' and observed = expected then 'pass'
        when comparison = 'at_least' and observed >= expected then 'pass'
        when comparison = 'at_most' and observed <= expected then 'pass'
        else severity
    end as status,
    observed,
    comparison,
    expected,
    observed_text,
    expected_text,
    {{ as_of }} as as_of
from checks
