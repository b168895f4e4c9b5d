"""Databases with the sample loaded and the functions installed, and dbt to run on them."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
# Where what several suites use lies.
sys.path.insert(0, str(ROOT / "tests/common"))
DUCKDB = Path(os.environ.get("PLG_DIST", ROOT / "dist")) / "duckdb"
EXTENSION = DUCKDB / "plg.duckdb_extension"
PROJECT = ROOT / "dbt/integration_tests"

# The end of the sample, as the integration project has it.
AS_OF = "2026-07-01 00:00:00"


def script(name: str, *arguments: object) -> subprocess.CompletedProcess:
    """Runs a script of the demo."""
    command = [sys.executable, "-B", ROOT / "xtask/demo" / name, *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


# The dbt of this environment.
PROGRAM = Path(sys.executable).with_name("dbt")


def dbt(
    database: Path,
    *arguments: str,
    environment: dict[str, str] | None = None,
    project: Path = PROJECT,
    program: Path = PROGRAM,
) -> subprocess.CompletedProcess:
    """Runs dbt on the integration project or another one; what it writes goes beside the database."""
    output = database.with_suffix(".dbt")
    command = [program, "--no-use-colors", "--warn-error"]
    command += ["--log-path", output / "logs", *arguments, "--project-dir", project, "--profiles-dir", project]
    if arguments[0] != "deps":
        command += ["--target-path", output / "target"]
    project_environment = {
        "PLG_DUCKDB_DATABASE": str(database),
        "PLG_DUCKDB_EXTENSION": str(EXTENSION),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    environment = os.environ | project_environment | (environment or {})
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment)


def project_of_macros(folder: Path, name: str) -> Path:
    """A project of its own with the package's macros and none of its models; the path of its database, which is not there yet."""
    database = folder / f"{name}.duckdb"
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(json.dumps({
        "name": name, "version": "1.0", "config-version": 2, "profile": name,
        "vars": {"as_of": AS_OF}, "models": {"plg": {"+enabled": False}},
    }))
    (folder / "packages.yml").write_text(json.dumps({"packages": [{"local": str(ROOT / "dbt")}]}))
    target = {
        "type": "duckdb", "path": str(database), "threads": 1, "config_options": {"allow_unsigned_extensions": True},
    }
    (folder / "profiles.yml").write_text(json.dumps({name: {"target": "dev", "outputs": {"dev": target}}}))
    finished = dbt(database, "deps", project=folder)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return database


def prepare(database: Path, *load_arguments: object) -> Path:
    """A new database with the raw tables and the functions in it."""
    for finished in (
        script("load.py", "--database", database, "--sample", ROOT / "sample", *load_arguments),
        script("install.py", "--database", database, "--extension", EXTENSION, "--script", DUCKDB / "install.sql"),
        dbt(database, "deps"),
    ):
        assert finished.returncode == 0, finished.stdout + finished.stderr
    return database


@dataclass
class Build:
    """A finished `dbt build`."""

    database: Path
    finished: subprocess.CompletedProcess

    def artifact(self, name: str) -> dict:
        return json.loads((self.database.with_suffix(".dbt") / "target" / name).read_text())

    def models(self) -> dict[str, dict]:
        nodes = self.artifact("manifest.json")["nodes"].values()
        return {node["name"]: node for node in nodes if node["resource_type"] == "model"}

    def built_at(self) -> datetime:
        """What dbt's clock said."""
        return datetime.fromisoformat(self.artifact("run_results.json")["metadata"]["generated_at"])

    def tables(self) -> dict[str, list[tuple]]:
        """All rows of all models, in an order of their own, without those that only say what the last run had to do."""
        lasting = [name for name, model in self.models().items() if not model["config"]["meta"].get("plg_of_run")]
        return {name: sorted(self.query(f"from analytics.{name}"), key=repr) for name in lasting}

    def query(self, query: str) -> list[tuple]:
        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.execute(query).fetchall()


def build(
    database: Path, *arguments: str, environment: dict[str, str] | None = None, program: Path = PROGRAM
) -> Build:
    finished = dbt(database, "build", *arguments, environment=environment, program=program)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return Build(database, finished)


@pytest.fixture(scope="session")
def sample_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    return build(prepare(tmp_path_factory.mktemp("sample") / "sample.duckdb"))
