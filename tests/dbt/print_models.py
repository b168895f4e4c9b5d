"""The models of the package as dbt compiles them for another warehouse, whose adapter is not installed.

Takes the warehouse, snowflake or bigquery; prints a JSON list of {"name": .., "sql": ..}, each model after those that it
reads. An incremental model that --full-refresh may make anew has "later", what it is from the second run on, and "after",
the statements of its hooks. Models are called by their names, raw tables by theirs after raw_. A program of its own, so
that tests in other environments than dbt's can call it.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.context.providers import BaseDatabaseWrapper

PACKAGE = Path(__file__).resolve().parents[2] / "dbt"

# What the package asks of dbt's own macros, as the adapter of BigQuery (dbt-bigquery 1.10) answers. Snowflake's answers
# are those that dbt has for everybody.
BIGQUERY = """
{% macro bigquery__dateadd(datepart, interval, from_date_or_timestamp) %}
    datetime_add(cast({{ from_date_or_timestamp }} as datetime), interval {{ interval }} {{ datepart }})
{% endmacro %}
{% macro bigquery__datediff(first_date, second_date, datepart) %}
    datetime_diff(cast({{ second_date }} as datetime), cast({{ first_date }} as datetime), {{ datepart }})
{% endmacro %}
{% macro bigquery__date_trunc(datepart, date) %}timestamp_trunc(cast({{ date }} as timestamp), {{ datepart }}){% endmacro %}
{% macro bigquery__listagg(measure, delimiter_text, order_by_clause, limit_num) %}
    string_agg({{ measure }}, {{ delimiter_text }} {{ order_by_clause }})
{% endmacro %}
{% macro bigquery__position(substring_text, string_text) %}strpos({{ string_text }}, {{ substring_text }}){% endmacro %}
"""
# From the second run on, without a first one. Histories ask the table of theirs while they are compiled, so not they.
LATER = """
{% macro is_incremental() %}
    {{ return(var('is_later', false) and model.config.materialized == 'incremental' and model.config.full_refresh is not sameas(false)) }}
{% endmacro %}
"""
ASKED = set(re.findall(r"bigquery__(\w+)", BIGQUERY))


def compile_for(warehouse: str, folder: Path) -> list[dict]:
    dispatch = BaseDatabaseWrapper.dispatch

    def dispatch_as_there(self, macro_name, macro_namespace=None, packages=None):
        there = macro_namespace == "plg" or macro_name in ASKED
        BaseDatabaseWrapper._get_adapter_macro_prefixes = lambda _: [warehouse if there else "duckdb", "default"]
        return dispatch(self, macro_name, macro_namespace, packages)

    BaseDatabaseWrapper.dispatch = dispatch_as_there
    project = folder / "project"
    (project / "macros").mkdir(parents=True)
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PACKAGE / "integration_tests" / name, project)
    (project / "packages.yml").write_text(json.dumps({"packages": [{"local": str(PACKAGE)}]}))
    (project / "macros/bigquery.sql").write_text(BIGQUERY)
    (project / "macros/later.sql").write_text(LATER)
    os.environ |= {"PLG_DUCKDB_DATABASE": str(folder / "empty.duckdb"), "PLG_DUCKDB_EXTENSION": "none"}
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    # How macros are dispatched is one setting for all threads, so there is one.
    run = ["--quiet", "--single-threaded", "--log-path", str(folder / "logs")]

    def dbt(*command: str) -> None:
        finished = dbtRunner().invoke([*run, *command, *folders])
        if not finished.success:
            raise RuntimeError(finished.exception or f"dbt {command[0]} fails")

    def compiled(path: Path) -> str:
        sql = re.sub(r'"empty"\."raw"\."(\w+)"', r"raw_\1", path.read_text())
        return re.sub(r'"empty"\."analytics"\."(\w+)"', r"\1", sql)

    dbt("deps")
    dbt("compile", "--select", "package:plg,resource_type:model", "--target-path", str(folder / "target"))
    manifest = json.loads((folder / "target/manifest.json").read_text())
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    hooks = {node["name"]: [hook["sql"] for hook in node["config"]["post-hook"]] for node in nodes.values()}
    # An analysis that is called like a model stands for it, so that a hook of the model can be compiled as one.
    (project / "analyses").mkdir()
    for name, of_model in hooks.items():
        for number, hook in enumerate(of_model):
            (project / f"analyses/{number}").mkdir(exist_ok=True)
            (project / f"analyses/{number}/{name}.sql").write_text(hook)
    later = ["--vars", "is_later: true", "--target-path", str(folder / "later")]
    dbt("compile", "--select", "package:plg,config.materialized:incremental", "resource_type:analysis", *later)
    ordered = []

    def visit(key: str) -> None:
        if key in nodes:
            node = nodes.pop(key)
            for needed in node["depends_on"]["nodes"]:
                visit(needed)
            model = {"name": node["name"], "sql": compiled(folder / "target/compiled/plg/models" / node["path"])}
            if node["config"]["materialized"] == "incremental" and node["config"]["full_refresh"] is None:
                model["later"] = compiled(folder / "later/compiled/plg/models" / node["path"])
                model["after"] = [
                    compiled(path) for path in sorted((folder / "later/compiled").glob(f"*/analyses/*/{node['name']}.sql"))
                ]
            ordered.append(model)

    for key in list(nodes):
        visit(key)
    return ordered


def main():
    # dbt may print; the list is to be all there is.
    output, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as folder:
        json.dump(compile_for(sys.argv[1], Path(folder)), output)
        output.flush()


if __name__ == "__main__":
    main()
