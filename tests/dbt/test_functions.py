"""The functions as dbt's own resources (dbt 1.12 and newer), for Snowflake and BigQuery: `dist/dbt_functions`."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import DUCKDB
from print_models_v2 import PROFILES

DIST = DUCKDB.parent
# What an install script creates: name, arguments, result, and the body.
CREATED = {
    "snowflake": r"CREATE OR REPLACE FUNCTION (\w+)\((.*)\)\nCOPY GRANTS\nRETURNS (.*)\n(?:.*\n)*?AS \$\$((?:.|\n)*?)\$\$;\n",
    "bigquery": r"CREATE OR REPLACE FUNCTION `YOUR_PROJECT\.plg\.(\w+)`\((.*)\)\nRETURNS (.*)\n(?:.*\n)*?AS (?:r\"\"\"|\()((?:.|\n)*?)(?:\"\"\"|\n\));\n",
}


@pytest.fixture(scope="module", params=["snowflake", "bigquery"])
def project(request, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Somebody's project with the functions in its folder, compiled by dbt v2, which knows both warehouses offline."""
    warehouse = request.param
    folder = tmp_path_factory.mktemp(warehouse)
    shutil.copytree(DIST / "dbt_functions" / warehouse, folder / "functions/plg")
    (folder / "models").mkdir()
    (folder / "models/points.sql").write_text("select {{ function('decay_exp') }}(8, 7, 7) as points")
    (folder / "dbt_project.yml").write_text("name: mine\nversion: 0.1.0\nconfig-version: 2\nprofile: mine\n")
    profile = {"target": warehouse, "outputs": {warehouse: PROFILES[warehouse]}}
    (folder / "profiles.yml").write_text(json.dumps({"mine": profile}))
    program = Path(os.environ["PLG_PYTHON_DBT2"]).with_name("dbt")
    command = [program, "compile", "--project-dir", folder, "--profiles-dir", folder]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return warehouse, folder


def installed(warehouse: str) -> dict[str, tuple[str, str, str]]:
    """Arguments, result and body of every function that the install script creates, of overloads the first."""
    text = (DIST / warehouse / "install.sql").read_text()
    found = {}
    for name, arguments, result, body in re.findall(CREATED[warehouse], text):
        found.setdefault(name, (arguments, result, body))
    return found


def words(sql: str) -> str:
    return re.sub(r"\s+", "", sql).replace("`", "")


def described(folder: Path) -> dict[str, tuple[str, str]]:
    entries = yaml.safe_load((folder / "functions/plg/functions.yml").read_text())["functions"]
    return {
        entry["name"]: (
            ", ".join(f"{argument['name']} {argument['data_type']}" for argument in entry.get("arguments", [])),
            entry["returns"]["data_type"],
        )
        for entry in entries
    }


def test_every_function_is_there_and_compiles(project):
    warehouse, folder = project
    # Aggregates, which Snowflake has as table functions, are no resource of dbt.
    script = installed(warehouse)
    public = {name for name in script if "__" not in name and not script[name][1].startswith("TABLE")} | {"version"}
    assert len(public) > 55
    assert set(described(folder)) == public | {f"{name}_body" for name in public - {"version"}}
    compiled = {path.name for path in (folder / "target/compiled").rglob("plg/*") if path.suffix in (".sql", ".js")}
    assert compiled == {f"{name}.sql" for name in public} | {f"{name}_body.js" for name in public - {"version"}}
    [model] = (folder / "target/compiled").rglob("points.sql")
    assert words(model.read_text()) == "selectempty.analytics.decay_exp(8,7,7)aspoints"


def test_they_are_those_of_the_install_script(project):
    """Signatures and bodies; what Snowflake's STRICT does, which dbt cannot say, the SQL around the body does."""
    warehouse, folder = project
    [compiled] = {path.parent for path in (folder / "target/compiled").rglob("decay_exp.sql")}
    script, types = installed(warehouse), described(folder)
    text = (DIST / warehouse / "install.sql").read_text()
    for private in [name for name in script if "__" in name and not name.startswith("verify_")]:
        name = private.partition("__")[0]
        if name not in script:
            # An aggregate's.
            continue
        arguments, result, _ = script[private]
        # dbt quotes them, and Snowflake folds what is not quoted.
        assert types[f"{name}_body"] == (arguments.upper() if warehouse == "snowflake" else arguments, result), name
        assert (compiled / f"{name}_body.js").read_text().strip() == script[private][2].strip(), name
        assert types[name] == script[name][:2], name
        expected = words(script[name][2]).replace(f"YOUR_PROJECT.plg.{private}", private)
        expected = expected.replace(private, f"empty.analytics.{name}_body")
        statement = text[text.index(f"{private}(" if warehouse == "snowflake" else f"{private}`("):]
        if warehouse == "snowflake" and "\nSTRICT\n" in statement[:statement.index("AS $$")]:
            arguments = [argument.split()[0] for argument in script[private][0].split(", ")]
            nulls = " OR ".join(f"{argument} IS NULL" for argument in arguments)
            expected = words(f"CASE WHEN {nulls} THEN NULL ELSE {expected} END")
        assert words((compiled / f"{name}.sql").read_text()) == expected, name


def test_each_body_is_within_what_a_warehouse_takes_inline(project):
    warehouse, folder = project
    sizes = {path.name: path.stat().st_size for path in (folder / "functions/plg").glob("*.js")}
    assert max(sizes.values()) <= 32_768 + 1, max(sizes, key=sizes.get)
