"""The models of the package as dbt v2, whose engine is another program, compiles them for a warehouse.

Takes the warehouse, snowflake or bigquery; prints a JSON object of statements by model, as they are from an empty
warehouse, in the form of print_models.py. Runs with the interpreter beside that dbt. There is no warehouse: what dbt would
ask it has an answer in OFFLINE, and the credentials are made up.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "dbt"
PROFILES = {
    "snowflake": {"type": "snowflake", "account": "none", "user": "none", "password": "none", "role": "none",
                  "database": "empty", "warehouse": "none", "schema": "analytics"},
    "bigquery": {"type": "bigquery", "method": "oauth-secrets", "token": "none", "project": "empty",
                 "dataset": "analytics"},
}
OFFLINE = """
{% macro is_incremental() %}{{ return(false) }}{% endmacro %}
{% macro load_relation(relation) %}{{ return(none) }}{% endmacro %}
"""


def compile_for(warehouse: str, folder: Path) -> dict[str, str]:
    project = folder / "project"
    (project / "macros").mkdir(parents=True)
    # The hook of the integration project loads DuckDB's extension.
    settings = (PACKAGE / "integration_tests/dbt_project.yml").read_text()
    (project / "dbt_project.yml").write_text(re.sub(r"^on-run-start:\n(  .*\n)+", "", settings, flags=re.MULTILINE))
    (project / "packages.yml").write_text(json.dumps({"packages": [{"local": str(PACKAGE)}]}))
    profile = {"target": warehouse, "outputs": {warehouse: PROFILES[warehouse]}}
    (project / "profiles.yml").write_text(json.dumps({"plg_integration_tests": profile}))
    (project / "macros/offline.sql").write_text(OFFLINE)
    run(project, "deps")
    run(project, "compile", "--resource-type", "model")
    manifest = json.loads((project / "target/manifest.json").read_text())
    statements = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["package_name"] == "plg":
            [file] = (project / "target/compiled").glob(f"**/{node['name']}.sql")
            sql = re.sub(r'([`"]?)\bempty\1\.\1raw\1\.\1(\w+)\1', r"raw_\2", file.read_text(), flags=re.IGNORECASE)
            statements[node["name"]] = re.sub(r'([`"]?)\bempty\1\.\1analytics\1\.\1(\w+)\1', r"\2", sql, flags=re.IGNORECASE)
    return statements


def run(project: Path, *arguments: str):
    command = [Path(sys.executable).with_name("dbt"), *arguments, "--project-dir", project, "--profiles-dir", project]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(finished.stdout + finished.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        json.dump(compile_for(sys.argv[1], Path(folder)), sys.stdout)


if __name__ == "__main__":
    main()
