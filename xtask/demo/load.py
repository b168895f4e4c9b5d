"""Creates the demo's DuckDB file with the raw tables of the sample or of one's own events.

Prints a JSON object: rows, first_at and last_at of the events, and the file's columns that nothing reads. If the file
of events does not fit, prints what is wrong with it and exits with status 2.
"""

import argparse
import json
import sys
from pathlib import Path

import duckdb

from events_file import UnusableFile, read_events

# The sample's tables that the dbt project reads. Types are given, not guessed from the values.
TABLES = {
    "accounts": {
        "account_id": "VARCHAR", "name": "VARCHAR", "domain": "VARCHAR", "industry": "VARCHAR",
        "hq_country": "VARCHAR", "employee_count": "INTEGER", "created_at": "TIMESTAMP",
        "hq_region": "VARCHAR", "uses_data_warehouse": "BOOLEAN", "has_business_domain": "BOOLEAN",
        "segment": "VARCHAR", "account_ae": "VARCHAR", "sub_industry": "VARCHAR", "tech_stack": "VARCHAR",
        "owner": "VARCHAR", "lifecycle_stage": "VARCHAR",
    },
    "workspaces": {
        "workspace_id": "VARCHAR", "account_id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR",
        "created_at": "TIMESTAMP", "status": "VARCHAR", "primary_domain": "VARCHAR",
        "billing_contact_email": "VARCHAR", "region": "VARCHAR", "owner_team": "VARCHAR", "owner_user": "VARCHAR",
    },
    "users": {
        "user_id": "VARCHAR", "account_id": "VARCHAR", "email": "VARCHAR", "role": "VARCHAR",
        "anonymous_id": "VARCHAR", "crm_contact_id": "VARCHAR", "created_at": "TIMESTAMP",
        "seniority": "VARCHAR", "persona": "VARCHAR", "is_student": "BOOLEAN", "has_personal_email": "BOOLEAN",
        "is_in_target_function": "BOOLEAN", "updated_at": "TIMESTAMP", "title": "VARCHAR", "department": "VARCHAR",
    },
    "memberships": {
        "workspace_id": "VARCHAR", "user_id": "VARCHAR", "is_workspace_admin": "BOOLEAN", "joined_at": "TIMESTAMP",
    },
    "subscriptions": {
        "subscription_id": "VARCHAR", "workspace_id": "VARCHAR", "plan": "VARCHAR", "status": "VARCHAR",
        "mrr": "DOUBLE", "seats_purchased": "INTEGER", "started_at": "TIMESTAMP", "trial_ends_at": "TIMESTAMP",
        "canceled_at": "TIMESTAMP", "trial_started_at": "TIMESTAMP", "arr": "DOUBLE", "period": "VARCHAR",
        "renewal_at": "TIMESTAMP", "billing_entity": "VARCHAR", "deployment": "VARCHAR",
    },
    "identity_links": {
        "left_type": "VARCHAR", "left_value": "VARCHAR", "right_type": "VARCHAR", "right_value": "VARCHAR",
        "first_seen": "TIMESTAMP", "last_seen": "TIMESTAMP",
    },
    "entitlements": {"workspace_id": "VARCHAR", "entitlement": "DOUBLE", "valid_from": "TIMESTAMP"},
    "opportunities": {
        "opportunity_id": "VARCHAR", "workspace_id": "VARCHAR", "opened_at": "TIMESTAMP", "closed_at": "TIMESTAMP",
        "is_won": "BOOLEAN", "amount": "DOUBLE",
    },
    "sales_activities": {
        "sales_activity_id": "VARCHAR", "workspace_id": "VARCHAR", "started_at": "TIMESTAMP", "ended_at": "TIMESTAMP",
    },
    "shared_identifiers": {"identifier_type": "VARCHAR", "identifier": "VARCHAR"},
    "exclusions": {
        "workspace_id": "VARCHAR", "reason": "VARCHAR", "excluded_from": "TIMESTAMP", "excluded_until": "TIMESTAMP",
    },
    "signups": {"signup_id": "VARCHAR", "user_id": "VARCHAR", "ip": "VARCHAR", "occurred_at": "TIMESTAMP"},
    "crm_contacts": {
        "contact_id": "VARCHAR", "email": "VARCHAR", "account_id": "VARCHAR", "updated_at": "TIMESTAMP",
    },
    "workspace_domains": {
        "workspace_id": "VARCHAR", "sso_domain": "VARCHAR", "billing_domain": "VARCHAR", "billing_entity": "VARCHAR",
    },
    "account_domains": {"account_id": "VARCHAR", "domain": "VARCHAR"},
    "account_exceptions": {
        "workspace_id": "VARCHAR", "exception": "VARCHAR", "domain": "VARCHAR", "account_id": "VARCHAR",
    },
    "email_domains": {"domain": "VARCHAR", "kind": "VARCHAR"},
    "feature_catalogue": {
        "event": "VARCHAR", "feature": "VARCHAR", "use_case": "VARCHAR", "is_key_event": "BOOLEAN",
    },
    "usage_pings": {
        "subscription_id": "VARCHAR", "created_at": "TIMESTAMP", "installation_id": "VARCHAR", "version": "VARCHAR",
        "installation_type": "VARCHAR", "payload": "VARCHAR",
    },
    "seat_links": {
        "subscription_id": "VARCHAR", "created_at": "TIMESTAMP", "billable_seats": "INTEGER", "max_seats": "INTEGER",
    },
    "campaign_sends": {
        "campaign": "VARCHAR", "contact_id": "VARCHAR", "user_id": "VARCHAR", "sent_at": "TIMESTAMP",
    },
    "campaign_responses": {
        "campaign": "VARCHAR", "contact_id": "VARCHAR", "user_id": "VARCHAR", "responded_at": "TIMESTAMP",
        "response": "VARCHAR",
    },
}

# What a file of events alone says about the other tables: users with the last role each was seen with, the workspaces
# they were active in, and the devices they used. It says nothing about subscriptions, sales and all the other columns.
DERIVED = {
    "users": """
        select user_id, arg_max(role, (occurred_at, role)) as role
        from raw.events where user_id is not null group by user_id
    """,
    "memberships": """
        select distinct workspace_id, user_id
        from raw.events where workspace_id is not null and user_id is not null
    """,
    "identity_links": """
        select
            'anonymous_id' as left_type, anonymous_id as left_value, 'user_id' as right_type, user_id as right_value,
            min(occurred_at) as first_seen, max(occurred_at) as last_seen
        from raw.events where anonymous_id is not null and user_id is not null group by anonymous_id, user_id
    """,
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--sample", type=Path, required=True)
    parser.add_argument("--events", type=Path)
    arguments = parser.parse_args()
    with duckdb.connect(arguments.database) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create schema raw")
        try:
            contents = read_events(connection, arguments.events or arguments.sample / "events.csv")
        except UnusableFile as error:
            print(error)
            sys.exit(2)
        if arguments.events:
            derive_tables(connection)
        else:
            load_sample(connection, arguments.sample)
        period = connection.execute("select min(occurred_at), max(occurred_at) from raw.events").fetchall()[0]
    first_at, last_at = (moment.isoformat() for moment in period)
    summary = {"rows": contents.rows, "first_at": first_at, "last_at": last_at}
    print(json.dumps(summary | {"other_columns": contents.other_columns}))


def load_sample(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for table, types in TABLES.items():
        connection.execute(
            f"create table raw.{table} as select * from read_csv($path, header = true, columns = {types})",
            {"path": str(folder / f"{table}.csv")},
        )


def derive_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for table, types in TABLES.items():
        columns = ", ".join(f"{name} {data_type}" for name, data_type in types.items())
        connection.execute(f"create table raw.{table} ({columns})")
    for table, query in DERIVED.items():
        connection.execute(f"insert into raw.{table} by name {query}")


if __name__ == "__main__":
    main()
