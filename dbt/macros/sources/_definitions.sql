{#-
  What the package reads, by the names that its models use: for each source the columns that it needs, those that it
  can do without, and an expression whose newest value says how fresh the source is. A source that is `always` there need
  not be named in `plg_sources`. What each column means is in models/staging/sources.yml.
-#}
{% macro _source_definitions() -%}
    {{ return({
        'events': {
            'always': true,
            'newest': 'occurred_at',
            'required': {'event': 'string', 'occurred_at': 'timestamp', 'user_id': 'string'},
            'optional': {
                'anonymous_id': 'string', 'workspace_id': 'string', 'count': 'float', 'event_id': 'string',
                'properties': 'string', 'source': 'string',
            },
        },
        'users': {
            'always': true,
            'newest': 'coalesce(updated_at, created_at)',
            'required': {'user_id': 'string'},
            'optional': {
                'role': 'string', 'seniority': 'string', 'persona': 'string', 'is_student': 'boolean',
                'has_personal_email': 'boolean', 'is_in_target_function': 'boolean', 'email': 'string',
                'updated_at': 'timestamp', 'title': 'string', 'department': 'string', 'created_at': 'timestamp',
            },
        },
        'memberships': {
            'always': true,
            'newest': 'joined_at',
            'required': {'workspace_id': 'string', 'user_id': 'string'},
            'optional': {'role': 'string', 'is_workspace_admin': 'boolean', 'joined_at': 'timestamp'},
        },
        'subscriptions': {
            'always': true,
            'newest': 'started_at',
            'required': {
                'subscription_id': 'string', 'workspace_id': 'string', 'plan': 'string', 'status': 'string',
                'mrr': 'float',
            },
            'optional': {
                'seats_purchased': 'float', 'started_at': 'timestamp', 'trial_started_at': 'timestamp',
                'trial_ends_at': 'timestamp', 'canceled_at': 'timestamp', 'arr': 'float', 'period': 'string',
                'renewal_at': 'timestamp', 'billing_entity': 'string', 'deployment': 'string',
            },
        },
        'identity_links': {
            'always': true,
            'newest': 'coalesce(last_seen, first_seen)',
            'required': {
                'left_type': 'string', 'left_value': 'string', 'right_type': 'string', 'right_value': 'string',
                'first_seen': 'timestamp', 'last_seen': 'timestamp',
            },
        },
        'workspaces': {
            'newest': 'created_at',
            'required': {'workspace_id': 'string'},
            'optional': {
                'account_id': 'string', 'type': 'string', 'created_at': 'timestamp', 'name': 'string',
                'status': 'string', 'primary_domain': 'string', 'billing_contact_email': 'string', 'region': 'string',
                'owner_team': 'string', 'owner_user': 'string',
            },
        },
        'accounts': {
            'required': {'account_id': 'string'},
            'optional': {
                'employee_count': 'float', 'industry': 'string', 'hq_region': 'string',
                'uses_data_warehouse': 'boolean', 'has_business_domain': 'boolean', 'segment': 'string',
                'account_ae': 'string', 'domain': 'string', 'name': 'string', 'sub_industry': 'string',
                'hq_country': 'string', 'tech_stack': 'string', 'owner': 'string', 'lifecycle_stage': 'string',
            },
        },
        'shared_identifiers': {'required': {'identifier_type': 'string', 'identifier': 'string'}},
        'entitlements': {
            'newest': 'valid_from',
            'required': {'workspace_id': 'string', 'entitlement': 'float', 'valid_from': 'timestamp'},
        },
        'opportunities': {
            'newest': 'opened_at',
            'required': {
                'opportunity_id': 'string', 'workspace_id': 'string', 'opened_at': 'timestamp',
                'closed_at': 'timestamp', 'is_won': 'boolean',
            },
            'optional': {'amount': 'float'},
        },
        'sales_activities': {
            'newest': 'started_at',
            'required': {
                'sales_activity_id': 'string', 'workspace_id': 'string', 'started_at': 'timestamp',
                'ended_at': 'timestamp',
            },
        },
        'exclusions': {
            'required': {
                'workspace_id': 'string', 'reason': 'string', 'excluded_from': 'timestamp',
                'excluded_until': 'timestamp',
            },
        },
        'signups': {
            'newest': 'occurred_at',
            'required': {'signup_id': 'string', 'ip': 'string', 'occurred_at': 'timestamp'},
        },
        'crm_contacts': {
            'newest': 'updated_at',
            'required': {
                'contact_id': 'string', 'email': 'string', 'account_id': 'string', 'updated_at': 'timestamp',
            },
        },
        'workspace_domains': {
            'required': {
                'workspace_id': 'string', 'sso_domain': 'string', 'billing_domain': 'string',
                'billing_entity': 'string',
            },
        },
        'account_domains': {'required': {'account_id': 'string', 'domain': 'string'}},
        'account_exceptions': {
            'required': {
                'workspace_id': 'string', 'exception': 'string', 'domain': 'string', 'account_id': 'string',
            },
        },
        'email_domains': {'required': {'domain': 'string', 'kind': 'string'}},
        'feature_catalogue': {
            'required': {'event': 'string', 'feature': 'string'},
            'optional': {'use_case': 'string', 'is_key_event': 'boolean'},
        },
        'usage_pings': {
            'newest': 'created_at',
            'required': {'subscription_id': 'string', 'created_at': 'timestamp', 'payload': 'string'},
            'optional': {'installation_id': 'string', 'version': 'string', 'installation_type': 'string'},
        },
        'seat_links': {
            'newest': 'created_at',
            'required': {'subscription_id': 'string', 'created_at': 'timestamp', 'billable_seats': 'float'},
            'optional': {'max_seats': 'float'},
        },
        'campaign_sends': {
            'newest': 'sent_at',
            'required': {'campaign': 'string', 'sent_at': 'timestamp'},
            'optional': {'contact_id': 'string', 'user_id': 'string'},
        },
        'campaign_responses': {
            'newest': 'responded_at',
            'required': {'campaign': 'string', 'responded_at': 'timestamp'},
            'optional': {'contact_id': 'string', 'user_id': 'string', 'response': 'string'},
        },
    }) }}
{%- endmacro %}

{#-
  The ready mappings of events, by format: what the columns are, and what the table is called unless the entry says so
  (the same in models/staging/sources.yml). One file each; the entry of `plg_sources` is their argument.
-#}
{% macro _source_formats() -%}
    {{ return({
        'segment': plg._segment_events,
        'rudderstack': plg._rudderstack_events,
        'snowplow': plg._snowplow_events,
        'amplitude': plg._amplitude_events,
    }) }}
{%- endmacro %}

{#- A column whose name is a type's or a keyword's. -#}
{% macro _source_name(column) -%}
    {{ return(adapter.dispatch('_source_name', 'plg')(column)) }}
{%- endmacro %}

{% macro default___source_name(column) -%}
    {{ return('"' ~ column ~ '"') }}
{%- endmacro %}

{#- Unquoted names are in capitals there. -#}
{% macro snowflake___source_name(column) -%}
    {{ return('"' ~ column | upper ~ '"') }}
{%- endmacro %}

{% macro bigquery___source_name(column) -%}
    {{ return('`' ~ column ~ '`') }}
{%- endmacro %}

{#- A column of timestamps in UTC, whether or not its type has a zone, and whatever the zone of the session is. -#}
{% macro _source_utc(column) -%}
    {{ return(adapter.dispatch('_source_utc', 'plg')(column)) }}
{%- endmacro %}

{% macro default___source_utc(column) -%}
    {{ return('make_timestamp(epoch_us(' ~ column ~ '))') }}
{%- endmacro %}

{% macro snowflake___source_utc(column) -%}
    {{ return('to_timestamp_ntz(date_part(epoch_microsecond, ' ~ column ~ '), 6)') }}
{%- endmacro %}

{% macro bigquery___source_utc(column) -%}
    {{ return(column) }}
{%- endmacro %}
