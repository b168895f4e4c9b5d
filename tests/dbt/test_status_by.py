"""Statuses by the function and by a CASE of the warehouse's own."""

import json
import shutil

from conftest import Build, dbt

RULES = """
on_missing null case
  when active_days_28d = 0 then 'Dormant'
  -- The score may be a third of what it was.
  when total / 3 >= 50 / 3 and (plan is null or plan like 'tr%' or plan in ('free', 'it''s')) then 'Product qualified'
  else 'Nurture'
end"""


def test_both_ways_give_the_same_statuses(sample_build: Build, tmp_path):
    database = tmp_path / "by.duckdb"
    shutil.copy(sample_build.database, database)
    tables = []
    for way in ("function", "case"):
        variables = {"plg_status_by": way, "plg_status_rules": RULES, "as_of": "2026-07-01 00:00:00"}
        finished = dbt(database, "build", "--select", "plg_user_status", "--vars", json.dumps(variables))
        assert finished.returncode == 0, finished.stdout + finished.stderr
        build = Build(database, finished)
        [model] = [node for node in build.models().values() if node["name"] == "plg_user_status"]
        result = {item["unique_id"]: item for item in build.artifact("run_results.json")["results"]}[model["unique_id"]]
        assert ("status_case(" in result["compiled_code"]) == (way == "function")
        tables.append(sorted(build.query("from analytics.plg_user_status"), key=repr))
    assert tables[0] == tables[1] and len({row[-1] for row in tables[0]}) == 3


def test_both_ways_give_the_same_statuses_of_workspaces(sample_build: Build, tmp_path):
    database = tmp_path / "by.duckdb"
    shutil.copy(sample_build.database, database)
    by_function = sorted(sample_build.query("from analytics.plg_workspace_status"), key=repr)
    variables = {"plg_status_by": "case", "as_of": "2026-07-01 00:00:00"}
    finished = dbt(database, "build", "--select", "plg_workspace_status", "--vars", json.dumps(variables))
    assert finished.returncode == 0, finished.stdout + finished.stderr
    by_case = sorted(Build(database, finished).query("from analytics.plg_workspace_status"), key=repr)
    assert by_function == by_case and len({row[-1] for row in by_case}) > 3
