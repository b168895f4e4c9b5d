"""`dbt run-operation plg.install` of the package as it is released, below dist/dbt."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
from conftest import DUCKDB, EXTENSION, PROGRAM, PROJECT, ROOT, dbt, script

from print_models_v2 import PROFILES

RELEASED = DUCKDB.parent / "dbt"
FUNCTIONS = """
    select function_name, parameters, macro_definition from duckdb_functions()
    where schema_name = 'plg' order by all
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of somebody's with the released package, for every warehouse."""
    shutil.copy(PROJECT / "dbt_project.yml", tmp_path)
    (tmp_path / "packages.yml").write_text(json.dumps({"packages": [{"local": str(RELEASED)}]}))
    duckdb_profile = {
        "type": "duckdb", "path": str(tmp_path / "sample.duckdb"), "schema": "analytics",
        "config_options": {"allow_unsigned_extensions": True},
    }
    profile = {"target": "duckdb", "outputs": {**PROFILES, "duckdb": duckdb_profile}}
    (tmp_path / "profiles.yml").write_text(json.dumps({"plg_integration_tests": profile}))
    return tmp_path


def run(program: Path, project: Path, *arguments: object) -> str:
    command = [program, *arguments, "--project-dir", project, "--profiles-dir", project]
    environment = os.environ | {"PLG_DUCKDB_EXTENSION": str(EXTENSION)}
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment)
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr[-5000:]
    return finished.stdout


def functions(database: Path) -> list[tuple]:
    with duckdb.connect(database, config={"allow_unsigned_extensions": "true"}) as connection:
        return connection.execute(FUNCTIONS).fetchall()


def test_on_duckdb_it_makes_the_functions_that_models_call(project: Path, tmp_path: Path):
    database = project / "sample.duckdb"
    assert script("load.py", "--database", database, "--sample", ROOT / "sample").returncode == 0
    run(PROGRAM, project, "deps")
    run(PROGRAM, project, "run-operation", "plg.install", "--args", json.dumps({"extension": str(EXTENSION)}))
    run(PROGRAM, project, "build", "--select", "plg_score_model")
    other = tmp_path / "other.duckdb"
    by_script = script("install.py", "--database", other, "--extension", EXTENSION, "--script", DUCKDB / "install.sql")
    assert by_script.returncode == 0
    assert functions(database) == functions(other) != []


@pytest.mark.parametrize(
    ("warehouse", "there", "written"),
    [("snowflake", "empty.plg", "plg"), ("bigquery", "`empty.plg", "`YOUR_PROJECT.plg")],
)
def test_elsewhere_it_runs_the_statements_of_the_install_script(project: Path, warehouse, there, written):
    program = Path(os.environ["PLG_PYTHON_DBT2"]).with_name("dbt")
    run(program, project, "deps")
    printed = run(
        program, project, "--quiet", "run-operation", "plg.install", "--args", json.dumps({"dry_run": True}),
        "--target", warehouse,
    )
    printed = printed[printed.index("CREATE"):printed.rindex(";") + 1]
    expected = re.sub(r"^--.*\n", "", (DUCKDB.parent / warehouse / "install.sql").read_text(), flags=re.MULTILINE)
    assert printed.replace(there, written).split() == expected.split()


def test_a_copy_without_scripts_says_where_they_are(tmp_path: Path):
    database = tmp_path / "empty.duckdb"
    assert dbt(database, "deps").returncode == 0
    finished = dbt(database, "run-operation", "plg.install")
    assert finished.returncode != 0
    assert "this copy of the package holds no install scripts" in finished.stdout
