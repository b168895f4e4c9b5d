"""Sources as `plg_sources` maps them: tables as vendors export them, names of one's own, and what is refused."""

import ast
import json
import re
import shutil
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from conftest import AS_OF, PROJECT, ROOT, Build, dbt, prepare

REQUIRED = {"events", "users", "memberships", "subscriptions", "identity_links"}

# The tables as the vendors' documentation describes them, with values that a mapping could get wrong: times with a zone,
# somebody anonymous, a group among others, a column beside those that are mapped.
VENDORS = {
    "segment": """
        create schema segment;
        create table segment.tracks (
            id varchar, received_at timestamptz, anonymous_id varchar, user_id varchar, event varchar, event_text varchar,
            original_timestamp timestamptz, sent_at timestamptz, "timestamp" timestamptz, context_group_id varchar,
            context_library_name varchar, uuid_ts timestamptz
        );
        insert into segment.tracks by name select * from (values
            ('ajs-1', 'a1', 'u1', 'report_viewed', 'Report Viewed', timestamptz '2026-06-01 12:00:00.25+02:00', 'w1'),
            ('ajs-2', 'a2', null, 'pricing_page_view', 'Pricing Page View', timestamptz '2026-06-02 23:30:00-05:00', null)
        ) as t (id, anonymous_id, user_id, event, event_text, "timestamp", context_group_id);
        update segment.tracks set received_at = "timestamp" + interval 3 days, original_timestamp = "timestamp" - interval 1 hour;
    """,
    "rudderstack": """
        create schema rudder;
        create table rudder.tracks (
            id varchar, anonymous_id varchar, user_id varchar, event varchar, event_text varchar, received_at timestamp,
            sent_at timestamp, original_timestamp timestamp, "timestamp" timestamp, channel varchar,
            context_group_id varchar
        );
        insert into rudder.tracks by name select * from (values
            ('m-1', 'a1', 'u1', 'report_viewed', 'Report Viewed', timestamp '2026-06-01 10:00:00.25', 'web', 'w1'),
            ('m-2', 'a2', null, 'pricing_page_view', 'Pricing Page View', timestamp '2026-06-03 04:30:00', 'mobile', null)
        ) as t (id, anonymous_id, user_id, event, event_text, "timestamp", channel, context_group_id);
        update rudder.tracks set received_at = "timestamp" + interval 3 days, original_timestamp = "timestamp" - interval 1 hour;
    """,
    "snowplow": """
        create schema atomic;
        create table atomic.events (
            app_id varchar, platform varchar, collector_tstamp timestamp, dvce_created_tstamp timestamp, event varchar,
            event_id varchar, user_id varchar, domain_userid varchar, network_userid varchar, derived_tstamp timestamp,
            event_name varchar, contexts_com_acme_team_1 struct(id varchar)[]
        );
        insert into atomic.events by name select * from (values
            ('web', 'unstruct', 'e-1', 'u1', 'd1', timestamp '2026-06-01 10:00:00.25', 'report_viewed', [{id: 'w1'}]),
            ('mob', 'unstruct', 'e-2', null, 'd2', timestamp '2026-06-03 04:30:00', 'pricing_page_view', null),
            ('web', 'page_ping', 'e-3', 'u1', 'd1', timestamp '2026-06-01 10:00:10', 'page_ping', null)
        ) as t (
            platform, event, event_id, user_id, domain_userid, derived_tstamp, event_name, contexts_com_acme_team_1
        );
        update atomic.events set collector_tstamp = derived_tstamp + interval 3 days;
    """,
    "amplitude": """
        create schema amplitude;
        create table amplitude.events_123 (
            amplitude_id bigint, device_id varchar, user_id varchar, event_type varchar, event_time timestamp,
            client_event_time timestamp, server_upload_time timestamp, uuid varchar, "$insert_id" varchar,
            event_properties json, user_properties json, "groups" json, platform varchar
        );
        insert into amplitude.events_123 by name select * from (values
            (7, 'd1', 'u1', 'report_viewed', timestamp '2026-06-01 10:00:00.25', 'q-1', '{"report":"weekly"}', '{"org id": ["w1", "w2"], "plan": ["team"]}', 'Web'),
            (8, 'd2', null, 'pricing_page_view', timestamp '2026-06-03 04:30:00', 'q-2', null, '{}', 'iOS'),
            (7, 'd1', 'u1', 'report_viewed', timestamp '2026-06-04 00:00:00', 'q-3', null, '{"org id": "w3"}', 'Web')
        ) as t (amplitude_id, device_id, user_id, event_type, event_time, uuid, event_properties, "groups", platform);
        update amplitude.events_123 set client_event_time = event_time - interval 1 hour;
    """,
}
MAPPED = {
    "segment": {"format": "segment", "schema": "segment"},
    "rudderstack": {"format": "rudderstack", "schema": "rudder"},
    "snowplow": {
        "format": "snowplow", "schema": "atomic", "columns": {"workspace_id": "contexts_com_acme_team_1[1].id"},
        "where": "event_name <> 'page_ping'",
    },
    "amplitude": {"format": "amplitude", "schema": "amplitude", "table": "events_123", "group_type": "org id"},
}
# What is to be in plg_stg_events, by plain SQL on the vendor's table.
EXPECTED = {
    "segment": """
        select event, user_id, anonymous_id, context_group_id, timezone('UTC', "timestamp"), id, null, null
        from segment.tracks
    """,
    "rudderstack": """
        select event, user_id, anonymous_id, context_group_id, "timestamp", id, null, channel from rudder.tracks
    """,
    "snowplow": """
        select
            event_name, user_id, domain_userid, list_extract(contexts_com_acme_team_1, 1).id, derived_tstamp, event_id, null,
            platform
        from atomic.events where event <> 'page_ping'
    """,
    "amplitude": """
        select
            event_type, user_id, device_id,
            case uuid when 'q-1' then 'w1' when 'q-3' then 'w3' end, event_time, uuid, event_properties::varchar, platform
        from amplitude.events_123
    """,
}

# A project of somebody who calls everything differently.
OTHER_NAMES = """
    create schema raw; create schema app; create schema crm;
    create table raw.activity (happened timestamptz, what varchar, who integer, team integer, n integer, secret varchar);
    insert into raw.activity values
        ('2026-06-01 12:00:00+02', 'report_viewed', 1, 10, 3, 'x'), ('2026-06-02 00:00:00+00', 'test', 1, 10, 1, 'x');
    create table app.people ("Id" integer, mail varchar, level varchar, "ROLE" varchar);
    insert into app.people values (1, ' Ada@Acme.example ', 'VP', 'manager');
    create table app.team_members (team integer, person integer, is_owner boolean);
    insert into app.team_members values (10, 1, true), (10, 1, true);
    create table crm.companies (id integer, headcount integer, is_deleted boolean);
    insert into crm.companies values (5, 40, false), (6, 50, true);
    create table raw.subscriptions (subscription_id varchar, workspace_id varchar, plan varchar, status varchar, mrr double);
    insert into raw.subscriptions values ('s1', '10', 'Team', 'active', 20);
    create table raw.identity_links (
        left_type varchar, left_value varchar, right_type varchar, right_value varchar, first_seen timestamp, last_seen timestamp
    );
"""
OTHER_SOURCES = {
    "events": {
        "table": "activity", "zoned": ["occurred_at"], "where": "what <> 'test' and team > 0",
        "columns": {
            "event": "what", "occurred_at": "happened", "user_id": "'u' || who", "workspace_id": "team", "count": "n",
        },
    },
    "users": {"model": "my_people", "columns": {"user_id": '"Id"', "email": "mail", "role": "lower(\"ROLE\")"}},
    "memberships": {
        "schema": "app", "table": "team_members",
        "columns": {"workspace_id": "team", "user_id": "person", "is_workspace_admin": "is_owner"},
    },
    "accounts": {
        "source": ["crm", "companies"], "columns": {"account_id": "id", "employee_count": "headcount"},
        "where": "not is_deleted",
    },
    "workspaces": None,
}


def project(folder: Path, tables: str) -> Path:
    """A copy of the integration project with a database that has these tables, and the models of its owner."""
    home = folder / "project"
    home.mkdir()
    for file in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / file, home)
    (home / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT / "dbt")}]}))
    (home / "models").mkdir()
    database = home / "sources.duckdb"
    with duckdb.connect(database) as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        connection.execute(tables)
    finished = dbt(database, "deps", project=home)
    assert finished.returncode == 0, finished.stdout
    return database


def run(database: Path, command: str, sources: dict, *arguments: str):
    variables = json.dumps({"plg_sources": sources})
    return dbt(database, command, "--vars", variables, *arguments, project=database.parent)


def rows(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_table_as_the_vendor_exports_it_is_read_as_plain_sql_says(tmp_path, vendor):
    database = project(tmp_path, VENDORS[vendor])
    finished = run(database, "run", {"events": MAPPED[vendor]}, "--select", "plg_stg_events")
    assert finished.returncode == 0, finished.stdout
    columns = "event, user_id, anonymous_id, workspace_id, occurred_at, event_id, properties, source"
    staged = sorted(rows(database, f"select {columns} from analytics.plg_stg_events"), key=lambda row: row[5])
    assert staged == sorted(rows(database, EXPECTED[vendor]), key=lambda row: row[5])
    assert [str(row[4]) for row in staged[:2]] == ["2026-06-01 10:00:00.250000", "2026-06-03 04:30:00"]
    ignored = "select distinct ignored_reason from analytics.plg_stg_events where user_id is null"
    assert rows(database, ignored) == [("no_user",)]


@pytest.fixture(scope="module")
def other_names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = project(tmp_path_factory.mktemp("other"), OTHER_NAMES)
    models = database.parent / "models"
    (models / "my_people.sql").write_text("select * from {{ source('app', 'people') }}")
    sources = [{"name": "app", "tables": [{"name": "people"}]}, {"name": "crm", "tables": [{"name": "companies"}]}]
    (models / "sources.yml").write_text(json.dumps({"sources": sources}))
    finished = run(database, "run", OTHER_SOURCES, "--select", "my_people", "plg_stg_*", "--exclude", "plg_stg_identity_links")
    assert finished.returncode == 0, finished.stdout
    return database


def test_columns_may_be_renamed_computed_quoted_and_given_a_zone(other_names):
    [event] = rows(other_names, """
        select event, occurred_at::varchar, user_id, workspace_id, event_count, anonymous_id from analytics.plg_stg_events
    """)
    assert event == ("report_viewed", "2026-06-01 10:00:00", "u1", "10", 3.0, None)
    # What is not mapped is unknown, though the table has it.
    assert rows(other_names, "select user_id, role, email, seniority from analytics.plg_stg_users") == [
        ("1", "manager", "Ada@Acme.example", None)
    ]


def test_a_source_may_be_in_another_schema_a_model_or_a_source(other_names):
    members = "select workspace_id, user_id, role, is_workspace_admin, joined_at from analytics.plg_stg_memberships"
    assert rows(other_names, members) == [("10", "1", None, True, None)]
    assert rows(other_names, "select account_id, employee_count, industry from analytics.plg_stg_accounts") == [
        ("5", 40.0, None)
    ]
    sources = Build(other_names, None).artifact("manifest.json")["sources"].values()
    places = {(source["schema"], source["identifier"]) for source in sources if source["package_name"] == "plg"}
    # Only what is read is a source of the package.
    assert places == {
        ("raw", "activity"), ("app", "team_members"), ("raw", "subscriptions"), ("raw", "identity_links"),
    }


def test_a_required_source_not_named_has_our_names_and_an_optional_one_is_empty(other_names):
    assert rows(other_names, "select subscription_id, plan, deployment from analytics.plg_stg_subscriptions") == [
        ("s1", "team", "saas")
    ]
    for name in ("workspaces", "opportunities", "usage_pings"):
        assert rows(other_names, f"select count(*) from analytics.plg_stg_{name}") == [(0,)]


def test_nothing_is_read_but_what_is_mapped(other_names):
    compiled = other_names.with_suffix(".dbt") / "target/compiled/plg/models/staging/plg_stg_events.sql"
    assert "secret" not in compiled.read_text() and "*" not in compiled.read_text()


def test_a_run_stops_at_a_column_or_table_that_is_missing_and_names_it(other_names):
    sources = {
        "events": {"format": "segment", "table": "activity"},
        "users": {"schema": "app", "table": "people", "columns": {"user_id": "id", "email": "mail", "role": "job"}},
        "memberships": {"schema": "app", "table": "team_members", "columns": {"workspace_id": "team"}},
        "workspaces": {"schema": "app", "table": "teams"},
    }
    selected = [f"plg_stg_{name}" for name in sources]
    finished = run(other_names, "run", sources, "--select", *selected)
    assert finished.returncode != 0
    said = " ".join(finished.stdout.split())
    for message in (
        'plg_sources: users has the column role as job, and "sources"."app"."people" has no such column; '
        "say in columns what it is, or null if there is none",
        'plg_sources: memberships has the column user_id as user_id, and "sources"."app"."team_members" has no such column; '
        "say in columns what it is ",
        'plg_sources: workspaces should be "sources"."app"."teams", and there is no such table',
        'plg_sources: events has the column event as event by its format, and "sources"."raw"."activity" has no such column',
    ):
        assert message in said, finished.stdout


def test_all_that_is_wrong_with_the_variable_is_said_at_once(other_names):
    sources = {
        "event": {},
        "events": {"format": "mixpanel"},
        "users": {"colums": {}, "columns": {"mail": "email", "user_id": None}, "optional": ["senority"]},
        "memberships": {"table": "a", "model": "b"},
        "subscriptions": {"source": "billing", "zoned": ["plan"]},
        "accounts": "companies",
        "signups": {"format": "segment"},
    }
    finished = run(other_names, "parse", sources)
    assert finished.returncode != 0
    for message in (
        "plg_sources: event is no source of this package; those are events, users,",
        "plg_sources: events has no format mixpanel; there are segment, rudderstack, snowplow, amplitude",
        "plg_sources: users has no field colums; there are format,",
        "plg_sources: users has no column mail; there are user_id, role,",
        "plg_sources: users has no column senority; there are user_id, role,",
        "plg_sources: users needs the column user_id",
        "plg_sources: memberships is to be a table (with schema and database), or a model, or a source",
        "plg_sources: subscriptions is to have as source a list of two names, the source and its table",
        "plg_sources: subscriptions has no timestamp plan that could have a zone",
        "plg_sources: accounts is to be a mapping such as {table: name}, or {} if all names are ours",
        "plg_sources: signups has no format segment; only events have formats",
    ):
        assert message in finished.stdout, finished.stdout


def test_sources_and_their_columns_are_described(sample_build):
    """The columns that sources.yml describes are those that a mapping may name."""
    manifest = sample_build.artifact("manifest.json")
    described = {
        source["name"]: set(source["columns"]) for source in manifest["sources"].values()
        if source["description"] and all(column["description"] for column in source["columns"].values())
    }
    macro = manifest["macros"]["macro.plg._source_definitions"]["macro_sql"]
    definitions = ast.literal_eval(re.search(r"return\((.*)\) }}", macro, re.S)[1].strip().replace("true", "True"))
    assert described == {
        name: definition["required"].keys() | definition.get("optional", {}).keys()
        for name, definition in definitions.items()
    }
    assert {name for name, definition in definitions.items() if definition.get("always")} == REQUIRED


def test_the_five_required_sources_with_their_required_columns_are_enough(tmp_path):
    database = prepare(tmp_path / "required.duckdb")
    columns = {
        "events": "event, occurred_at, user_id", "users": "user_id", "memberships": "workspace_id, user_id",
        "subscriptions": "subscription_id, workspace_id, plan, status, mrr",
        "identity_links": "left_type, left_value, right_type, right_value, first_seen, last_seen",
    }
    with duckdb.connect(database) as connection:
        # Who does not tell deployments apart has workspaces for all subscriptions.
        connection.execute("delete from raw.subscriptions where workspace_id is null")
        tables = connection.execute("select table_name from duckdb_tables where schema_name = 'raw'").fetchall()
        for table in {name for (name,) in tables} - REQUIRED:
            connection.execute(f"drop table raw.{table}")
        for table, names in columns.items():
            connection.execute(f"create or replace table raw.{table} as select {names} from raw.{table}")
    home = PROJECT / "required_only"
    for command in ("deps", "build"):
        finished = dbt(database, command, project=home)
        assert finished.returncode == 0, finished.stdout
    assert "WARN=0" in finished.stdout
    nodes = Build(database, finished).artifact("manifest.json")["nodes"].values()
    # What is off among the nodes are the tests of models that are off.
    off = [node["unique_id"] for node in nodes if not node["config"]["enabled"]]
    assert off and all(name.startswith("test.") and "ping" in name for name in off), off
    scored, known = rows(database, "select count(*), count(distinct user_id) from analytics.plg_user_scores")[0]
    assert scored == known > 100
    fresh = rows(database, "select source, newest_at is not null from analytics.plg_source_freshness")
    assert dict(fresh) == {
        "events": True, "users": False, "memberships": False, "subscriptions": False, "identity_links": True
    }


def test_freshness_is_told_by_as_of_and_not_by_the_clock(sample_build: Build):
    found = {row[0]: row[1:] for row in sample_build.query("""
        select source, row_count, newest_at, age_hours, freshness from analytics.plg_source_freshness
    """)}
    assert len(found) == 23
    moments = {
        "events": "occurred_at", "users": "coalesce(updated_at, created_at)", "memberships": "joined_at",
        "identity_links": "coalesce(last_seen, first_seen)", "seat_links": "created_at",
        "campaign_responses": "responded_at", "email_domains": "null::timestamp",
    }
    for source, moment in moments.items():
        [(count, newest)] = sample_build.query(f"""
            select count(*), max({moment}) filter ({moment} <= timestamp '{AS_OF}') from raw.{source}
        """)
        age = newest and (datetime.fromisoformat(AS_OF) - newest).total_seconds() / 3600
        assert found[source][:3] == (count, newest, age and pytest.approx(age)), source
    assert {source: row[3] for source, row in found.items() if row[3] != "unchecked"} == {
        "events": "ok", "seat_links": "warn", "usage_pings": "warn"
    }


def test_a_build_stops_at_a_source_that_is_too_old_and_at_a_threshold_of_none(sample_build: Build, tmp_path):
    database = tmp_path / "old.duckdb"
    shutil.copy(sample_build.database, database)
    variables = {"plg_freshness": {"seat_links": {"warn_hours": 1, "error_hours": 100}, "email_domains": {"error_hours": 1}}}
    finished = dbt(database, "build", "--select", "plg_source_freshness", "--vars", json.dumps(variables))
    assert finished.returncode != 0 and "ERROR=1" in finished.stdout, finished.stdout
    too_old = "select source from analytics.plg_source_freshness where freshness = 'error' order by 1"
    assert rows(database, too_old) == [("email_domains",), ("seat_links",)]
    unknown = dbt(database, "parse", "--vars", json.dumps({"plg_freshness": {"seats": {"warn_hours": 1}}}))
    assert unknown.returncode != 0 and "plg_freshness: there is no source seats" in unknown.stdout


def test_dbt_compares_the_same_sources_with_the_clock(sample_build: Build, tmp_path):
    variables = {"plg_freshness": {"seat_links": {"error_hours": 1}, "users": {"warn_hours": 999999, "loaded_at": "created_at"}}}
    finished = dbt(sample_build.database, "source", "freshness", "--vars", json.dumps(variables))
    said = finished.stdout
    assert "ERROR STALE freshness of plg_raw_seat_links.seat_links" in said, said
    assert "PASS freshness of plg_raw_users.users" in said and "plg_raw_events" not in said, said
