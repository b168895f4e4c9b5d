"""`dbt build` of the integration project on the sample, from an empty file."""

import re
from pathlib import Path

from conftest import Build

def test_every_model_is_built_and_every_test_passes(sample_build: Build):
    results = sample_build.artifact("run_results.json")["results"]
    manifest = sample_build.artifact("manifest.json")
    nodes = manifest["nodes"] | manifest["unit_tests"]
    assert {result["status"] for result in results} == {"success", "pass"}
    assert len(manifest["unit_tests"]) >= 8
    # The project's hook is a node and a result too.
    assert {result["unique_id"] for result in results} == set(nodes)


def test_nothing_warns(sample_build: Build):
    # The build ran with --warn-error, and what it printed shows no notice of a deprecation either.
    output = sample_build.finished.stdout + sample_build.finished.stderr
    assert "WARN=0" in output
    assert not re.search(r"\[WARNING\]|deprecat", output, re.IGNORECASE)


def test_every_model_has_a_row(sample_build: Build):
    for name, rows in sample_build.tables().items():
        assert rows, name


def test_every_model_has_a_data_test_of_its_own(sample_build: Build):
    nodes = sample_build.artifact("manifest.json")["nodes"].values()
    tested = {node.get("attached_node") for node in nodes if node["resource_type"] == "test"}
    untested = [name for name, model in sample_build.models().items() if model["unique_id"] not in tested]
    assert untested == []


def test_every_model_and_column_is_described(sample_build: Build):
    undescribed = []
    for name, model in sample_build.models().items():
        columns = [row[0] for row in sample_build.query(f"select column_name from (describe analytics.{name})")]
        described = [column["name"] for column in model["columns"].values() if column["description"].strip()]
        if not model["description"].strip() or columns != described:
            undescribed.append((name, columns, described))
    assert undescribed == []


def test_every_macro_has_its_file_a_description_and_an_example(sample_build: Build):
    macros = sample_build.artifact("manifest.json")["macros"].values()
    dispatched = re.compile(r"^(default|duckdb|snowflake|bigquery|test|materialization)?_")
    public = {
        macro["name"]: macro for macro in macros
        if macro["package_name"] == "plg" and not dispatched.match(macro["name"])
    }
    assert {Path(macro["original_file_path"]).stem for macro in public.values()} == set(public)
    for name, macro in public.items():
        assert f"plg.{name}(" in macro["description"], name


def test_the_sample_holds_every_story_that_the_models_tell(sample_build: Build):
    statuses = {status for (status,) in sample_build.query("select distinct status from analytics.plg_user_status")}
    assert statuses == {"Dormant", "Product qualified", "Nurture"}
    stages = {stage for (stage,) in sample_build.query("select distinct stage from analytics.plg_user_scores")}
    assert {"Warm", "Not PQL"} <= stages and stages & {"PQL", "Hot PQL"}
    reasons = dict(sample_build.query("select reason, row_count from analytics.plg_ignored_events"))
    assert reasons.pop("after_as_of") == 0 and all(reasons.values())
    stages = {stage for (stage,) in sample_build.query("select distinct stage from analytics.plg_workspace_scores")}
    assert stages == {"Hot PQL", "PQL", "Warm", "Not PQL"}
    routes = {route for (route,) in sample_build.query("select distinct route from analytics.plg_routing")}
    assert routes >= {"sales", "lifecycle", "warm", "nurture"}
    audiences = "select audience, count(*) from analytics.plg_audience_members group by audience"
    members = dict(sample_build.query(audiences))
    assert members["overage_in_app"] > members["overage_email"] > members["overage_sales"] > 0
    results = "from analytics.plg_int_audience_results select count(*) where"
    assert all(sample_build.query(f"{results} {column} is not null")[0][0] for column in ("excluded_by", "stopped_by"))
    # Some people use a colleague's device, some have two, and what is nobody's connects nobody.
    reasons = {reason for (reason,) in sample_build.query("select distinct reason from analytics.plg_identity_audit")}
    assert reasons == {"unique_type", "shared", "blocked_value"}
    devices = sample_build.query("""
        select max(devices) from (
            select count(*) as devices from analytics.plg_identities where identifier_type = 'anonymous_id'
            group by canonical_id
        )
    """)
    assert devices[0][0] > 1
    ignored = dict(sample_build.query("from analytics.plg_ignored_identity_links"))
    assert ignored.pop("no_address") > 0 and not any(ignored.values())
    statuses = {status for (status,) in sample_build.query("select distinct status from analytics.plg_contacts")}
    assert statuses == {
        "exact", "alias", "duplicate", "tie", "alias_collision", "shared_inbox", "unmatched", "no_email"
    }
    signals = {signal for (signal,) in sample_build.query("select distinct signal from analytics.plg_workspace_accounts")}
    assert signals == {"pin", "billing_domain", "sso_domain", "crm_contact", "user_domain", None}
    reasons = {reason for (reason,) in sample_build.query("select distinct reason from analytics.plg_workspace_account_conflicts")}
    assert reasons == {"disagrees", "ambiguous", "minority"}
    kinds = {kind for (kind,) in sample_build.query("select distinct kind from analytics.plg_duplicate_workspaces")}
    assert kinds == {"duplicate", "environment"}
    assert sample_build.query("select count(contact_id) > 0 from analytics.plg_users")[0][0]
