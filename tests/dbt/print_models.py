"""The models of the package as dbt compiles them for another warehouse, whose adapter is not installed.

Takes the warehouse, snowflake or bigquery; prints a JSON list of {"name": .., "sql": ..}, each model after those that it
reads. Models are called by their names, raw tables by theirs after raw_. What a later run of a model does that finds tables of
the run before follows all others, with " again" after its name; so does the query of a model that reads itself after what
the model starts as. A program of its own, so that tests in other environments than dbt's can call it.
"""

import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
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
# The statements of the materialisation plg_components: what it makes of the links that its model selects.
COMPONENTS = "plg_int_identity_components"
STATEMENTS = {
    "components_links": "_component_links('components_listed')",
    "components_merged": "_component_merged('components_links', 3)",
    "components_nodes": "_component_contraction('components_links', 1)",
    "components_contracted": "_component_contracted('components_links', 'components_nodes')",
    "components_rest": "_component_rest('components_contracted')",
    "components_followed": "_component_followed('components_nodes', 'components_rest')",
    "components_numbered": "_component_numbered('components_listed', 'components_followed')",
    "components_numbered_alone": "_component_numbered('components_listed')",
    "components_call": "_component_call('components_listed')",
    COMPONENTS: "_component_labelled('components_numbered')",
}
ASKED = set(re.findall(r"bigquery__(\w+)", BIGQUERY))

# What a run leaves to the next one, and the models that read it.
KEPT = ["plg_identities", "plg_identity_audit", "plg_identity_ledger", "plg_int_identity_resolved"]
READ_AGAIN = [
    "plg_int_identity_touched", "plg_int_identity_results", "plg_identities", "plg_identity_audit", "plg_identity_ledger",
]


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
    (project / "analyses").mkdir()
    for name, statement in STATEMENTS.items():
        (project / f"analyses/{name}_statement.sql").write_text("{{ plg." + statement + " }}")
    (folder / "kept").mkdir()
    kept = folder / "kept/empty.duckdb"
    with duckdb.connect(kept) as connection:
        connection.execute("create schema analytics")
        for name in KEPT:
            connection.execute(f"create table analytics.{name} (nothing integer)")
    database = folder / "empty.duckdb"
    manifest, compiled = compile_project(project, folder, database, ["package:plg,resource_type:model", "resource_type:analysis"])
    _, compiled_again = compile_project(project, folder, kept, READ_AGAIN)
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    analyses = database.with_suffix(".target") / "compiled"
    statements = {name: next(analyses.rglob(f"{name}_statement.sql")).read_text() for name in STATEMENTS}
    ordered = []

    def visit(key: str) -> None:
        if key in nodes:
            node = nodes.pop(key)
            for needed in node["depends_on"]["nodes"]:
                visit(needed)
            name, sql = node["name"], compiled(node)
            if starts_as := node["config"]["meta"].get("plg_starts_as"):
                ordered.append({"name": name, "sql": starts_as})
                name += " again"
            if name == COMPONENTS:
                ordered.append({"name": "components_listed", "sql": sql})
                ordered.extend({"name": part, "sql": statement} for part, statement in statements.items())
            else:
                ordered.append({"name": name, "sql": sql})

    for key in list(nodes):
        visit(key)
    by_name = {node["name"]: node for node in manifest["nodes"].values()}
    return ordered + [{"name": f"{name} again", "sql": compiled_again(by_name[name])} for name in READ_AGAIN]


def compile_project(project: Path, folder: Path, database: Path, select: list[str]):
    """The manifest of a project compiled on a database, and what gives a node's statement."""
    os.environ |= {"PLG_DUCKDB_DATABASE": str(database), "PLG_DUCKDB_EXTENSION": "none"}
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    target = database.with_suffix(".target")
    run = ["--quiet", "--log-path", str(folder / "logs")]
    for command in (
        ["deps", *folders],
        ["compile", "--select", *select, "--target-path", str(target), *folders],
    ):
        finished = dbtRunner().invoke([*run, *command])
        if not finished.success:
            raise RuntimeError(finished.exception or f"dbt {command[0]} fails")

    def compiled(node: dict) -> str:
        sql = (target / "compiled/plg/models" / node["path"]).read_text()
        sql = re.sub(r'"empty"\."raw"\."(\w+)"', r"raw_\1", sql)
        return re.sub(r'"empty"\."analytics"\."(\w+)"', r"\1", sql)

    return json.loads((target / "manifest.json").read_text()), compiled


def main():
    # dbt may print; the list is to be all there is.
    output, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as folder:
        json.dump(compile_for(sys.argv[1], Path(folder)), output)
        output.flush()


if __name__ == "__main__":
    main()
