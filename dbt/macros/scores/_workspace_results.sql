{#- The columns of plg_workspace_signals, which are the facts of conditions. -#}
{% macro _signal_facts() -%}
    {{ return([
        'type', 'created_at', 'time_to_activation_hours', 'activation_path', 'first_key_action_at',
        'first_invite_sent_at', 'first_integration_installed_at', 'habit_reached_at', 'wau', 'mau', 'wau_mau_ratio',
        'lifetime_active_users', 'active_days_14d', 'core_feature_days_used_14d', 'core_feature_adoption_count_14d',
        'core_feature_adoption_count_30d', 'key_feature_adoption_ratio', 'core_actions_7d', 'automation_runs_7d',
        'invites_sent_7d', 'invites_sent_14d', 'invites_accepted_7d', 'active_seats_7d', 'seat_growth_30d', 'seats',
        'integration_installed_count', 'integration_installs_30d', 'crm_connected', 'data_warehouse_export_enabled',
        'trial_days_remaining', 'is_paid', 'upgrade_clicks_7d', 'pricing_page_views_7d', 'usage_limit_hits_30d',
        'api_rate_limit_hits_7d', 'sessions_7d', 'sessions_14d', 'last_active_at', 'has_admin', 'has_buyer',
        'employee_count', 'industry', 'hq_region', 'uses_data_warehouse', 'has_business_domain', 'segment', 'account_ae',
    ]) }}
{%- endmacro %}

{#- What score_workspace says of all workspaces at the moments of their signals. -#}
{% macro _workspace_results(signals) -%}
with users as (

    select
        signals.workspace_id,
        signals.as_of,
        {{ plg.agg_rows({'user_id': 'users.user_id', 'role': 'users.role', 'persona': 'users.persona'}) | indent(8) }}
            as users
    from {{ signals }} as signals
    inner join {{ ref('plg_int_workspace_users') }} as users
        on
            signals.workspace_id = users.workspace_id
            and (users.joined_at is null or users.joined_at <= signals.as_of)
    group by signals.workspace_id, signals.as_of

),

-- Rollups: an array of days stays small however busy a workspace is.
events as (

    select
        workspace_id,
        as_of,
        {{ plg.agg_events(
            'event', 'last_at', 'event_count', user_id='user_id', max_per_hour='max_per_hour'
        ) | indent(8) }} as events
    from (
        {{ plg._scored_rows(
            'from ' ~ signals ~ ' as signals inner join ' ~ ref('plg_workspace_daily_events')
            ~ ' as rollups on signals.workspace_id = rollups.workspace_id and rollups.last_at <= signals.as_of',
            ['signals.workspace_id', 'signals.as_of'], 'rollups.user_id'
        ) | indent(8) }}
    ) as scored_rows
    group by workspace_id, as_of

),

states as (

    select
        workspace_id,
        as_of,
        {{ plg.fn('model_states') }}(
            {{ plg.facts(plg._signal_facts()) | indent(12) }},
            {{ plg.text(plg.score_model()) }},
            as_of
        ) as states
    from {{ signals }}

)

select
    states.workspace_id,
    states.as_of,
    {{ plg.fn('score_workspace') }}(
        {{ plg._or_empty('users.users') }},
        {{ plg._or_empty('events.events') }},
        states.states,
        {{ plg._no_rows({'bucket': 'string', 'code': 'string', 'points': 'float'}) | indent(8) }},
        cast(null as {{ plg.type_name('string') }}),
        {{ plg.text(plg.score_model()) }},
        states.as_of
    ) as result
from states
left join users
    on states.workspace_id = users.workspace_id and states.as_of = users.as_of
left join events
    on states.workspace_id = events.workspace_id and states.as_of = events.as_of
{%- endmacro %}

{#-
    The rows of daily rollups that a scoring function gets: of events that the model does not list one row per entity, with
    a name that it does not list either, because all that they are is counted. `source` is the query's end, of rollups
    called `rollups`; `keys` are the columns of an entity.
-#}
{% macro _scored_rows(source, keys, user_id=none) -%}
{%- set listed = fromjson(plg.score_model())['events'] | map(attribute='event') | unique | list -%}
{%- set unlisted = namespace(name='?') -%}
{%- for _ in listed if unlisted.name in listed -%}
    {%- set unlisted.name = unlisted.name ~ '?' -%}
{%- endfor -%}
select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- if user_id %}
    {{ user_id }} as user_id,
    {%- endif %}
    rollups.event,
    rollups.last_at,
    rollups.event_count,
    rollups.max_per_hour
{{ source }}
where rollups.event in ({{ plg.text_list(listed) }})

union all

select
    {%- for key in keys %}
    {{ key }},
    {%- endfor %}
    {%- if user_id %}
    cast(null as {{ plg.type_name('string') }}) as user_id,
    {%- endif %}
    {{ plg.text(unlisted.name) }} as event,
    max(rollups.last_at) as last_at,
    sum(rollups.event_count) as event_count,
    max(rollups.max_per_hour) as max_per_hour
{{ source }}
where rollups.event not in ({{ plg.text_list(listed) }})
group by {{ keys | join(', ') }}
{%- endmacro %}
