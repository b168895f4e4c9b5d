"""Tables that other tools read have contracts: what a column is called and which type it has is agreed."""

import shutil

from conftest import ROOT, Build, dbt

# Columns of these follow settings: the buckets of the scoring model, the names of metrics.
BY_SETTINGS = {"plg_workspace_scores", "plg_workspace_metrics", "plg_user_metrics", "plg_account_metrics"}
READ_BY_OTHERS = {
    "plg_accounts", "plg_account_activity", "plg_account_scores", "plg_audience_members", "plg_cohorts", "plg_contacts",
    "plg_experiment_results", "plg_funnel", "plg_identities", "plg_routing", "plg_subscriptions", "plg_trust",
    "plg_use_case_health", "plg_user_activity", "plg_user_scores", "plg_user_status", "plg_users", "plg_workspace_accounts",
    "plg_workspace_activity", "plg_workspace_overview", "plg_workspace_people", "plg_workspace_status", "plg_workspaces",
}


def test_what_others_read_has_a_contract(sample_build: Build):
    models = sample_build.models()
    assert READ_BY_OTHERS | BY_SETTINGS <= set(models)
    enforced = {name for name, model in models.items() if model["config"]["contract"]["enforced"]}
    assert enforced == READ_BY_OTHERS


def test_a_column_of_another_type_stops_the_build(sample_build: Build, tmp_path):
    package = tmp_path / "dbt"
    shutil.copytree(ROOT / "dbt", package, ignore=shutil.ignore_patterns("dbt_packages", "target", "logs"))
    model = package / "models/marts/plg_user_status.sql"
    changed = model.read_text().replace("    active_days_28d,\n    plan,\n", "    cast(active_days_28d as double) as active_days_28d,\n    plan,\n")
    assert changed != model.read_text()
    model.write_text(changed)
    database = tmp_path / "changed.duckdb"
    shutil.copy(sample_build.database, database)
    project = package / "integration_tests"
    assert dbt(database, "deps", project=project).returncode == 0
    finished = dbt(database, "run", "--select", "plg_user_status", project=project)
    assert finished.returncode == 1
    assert "This model has an enforced contract that failed" in finished.stdout
    assert "active_days_28d" in finished.stdout
