"""The models of the package as dbt compiles them for another warehouse, whose adapter is not installed.

Takes the warehouse, snowflake or bigquery; prints a JSON list of {"name": .., "sql": ..}, each model after those that it
reads. An incremental model that --full-refresh may make anew has "later", what it is from the second run on, and "after",
the statements of its hooks, those before it, too. Models are called by their names, raw tables by theirs after raw_. What a later run of another
model does that finds tables of the run before follows all others, with " again" after its name; so does the query of a model
that reads itself after what the model starts as. A program of its own, so that tests in other environments than dbt's can call
it.
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
# From the second run on, without a first one. Histories ask the table of theirs while they are compiled, so not they.
LATER = """
{% macro is_incremental() %}
    {%- set is_kept = model.config.materialized == 'incremental' and model.config.full_refresh is not sameas(false) -%}
    {{ return(var('is_later', false) and (is_kept or model.resource_type == 'analysis')) }}
{% endmacro %}
"""
# Between the hooks of a model.
NEXT = "\n-- next hook\n"
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
    (project / "macros/later.sql").write_text(LATER)
    (project / "analyses").mkdir()
    for name, statement in STATEMENTS.items():
        (project / f"analyses/{name}_statement.sql").write_text("{{ plg." + statement + " }}")
    (folder / "kept").mkdir()
    kept = folder / "kept/empty.duckdb"
    with duckdb.connect(kept) as connection:
        connection.execute("create schema analytics")
        for name in KEPT:
            connection.execute(f"create table analytics.{name} (nothing integer)")
    all_models, analyses = "package:plg,resource_type:model", "resource_type:analysis"
    manifest, first = compile_project(project, folder, folder / "empty.duckdb", "first", [all_models, analyses])
    _, again = compile_project(project, folder, kept, "again", READ_AGAIN)
    nodes = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    # An analysis that is called like a model stands for it, so that a hook of the model can be compiled as one.
    for node in nodes.values():
        if hooks := node["config"]["pre-hook"] + node["config"]["post-hook"]:
            (project / "analyses/hooks").mkdir(exist_ok=True)
            (project / f"analyses/hooks/{node['name']}.sql").write_text(NEXT.join(hook["sql"] for hook in hooks))
    incremental = "package:plg,config.materialized:incremental"
    _, later = compile_project(
        project, folder, folder / "empty.duckdb", "later", [incremental, analyses], "--vars", "is_later: true"
    )
    ordered = []

    def hooks_of(name: str) -> list[str]:
        return [statement for sql in later(f"*/analyses/hooks/{name}.sql") for statement in sql.split(NEXT)]

    def visit(key: str) -> None:
        if key in nodes:
            node = nodes.pop(key)
            for needed in node["depends_on"]["nodes"]:
                visit(needed)
            name, path = node["name"], f"plg/models/{node['path']}"
            if starts_as := node["config"]["meta"].get("plg_starts_as"):
                ordered.append({"name": name, "sql": starts_as})
                name += " again"
            model = {"name": name, "sql": first(path)}
            if node["config"]["materialized"] == "incremental" and node["config"]["full_refresh"] is None:
                model |= {"later": later(path), "after": hooks_of(name)}
            if name == COMPONENTS:
                ordered.append(model | {"name": "components_listed"})
                ordered.extend({"name": part, "sql": first(f"*/analyses/{part}_statement.sql")} for part in STATEMENTS)
            else:
                ordered.append(model)

    for key in list(nodes):
        visit(key)
    paths = {node["name"]: f"plg/models/{node['path']}" for node in manifest["nodes"].values()}
    return ordered + [{"name": f"{name} again", "sql": again(paths[name])} for name in READ_AGAIN]


def compile_project(project: Path, folder: Path, database: Path, name: str, select: list[str], *arguments: str):
    """The manifest of a project compiled on a database, and what gives the statement of a path, or those of hooks."""
    os.environ |= {"PLG_DUCKDB_DATABASE": str(database), "PLG_DUCKDB_EXTENSION": "none"}
    folders = ["--project-dir", str(project), "--profiles-dir", str(project)]
    target = folder / name
    # How macros are dispatched is one setting for all threads, so there is one.
    run = ["--quiet", "--single-threaded", "--log-path", str(folder / "logs")]
    for command in (
        ["deps", *folders],
        ["compile", "--select", *select, "--target-path", str(target), *arguments, *folders],
    ):
        finished = dbtRunner().invoke([*run, *command])
        if not finished.success:
            raise RuntimeError(finished.exception or f"dbt {command[0]} fails")

    def compiled(path: str):
        sqls = [file.read_text() for file in sorted((target / "compiled").glob(path))]
        sqls = [re.sub(r'"empty"\."raw"\."(\w+)"', r"raw_\1", sql) for sql in sqls]
        sqls = [re.sub(r'"empty"\."analytics"\."(\w+)"', r"\1", sql) for sql in sqls]
        if path.endswith("_statement.sql") or "*" not in path:
            [sqls] = sqls
        return sqls

    return json.loads((target / "manifest.json").read_text()), compiled


def main():
    # dbt may print; the list is to be all there is.
    output, sys.stdout = sys.stdout, sys.stderr
    with tempfile.TemporaryDirectory() as folder:
        json.dump(compile_for(sys.argv[1], Path(folder)), output)
        output.flush()


if __name__ == "__main__":
    main()
