"""The blocks of YAML and of models on the pages, in projects of somebody who uses the package: dbt reads each."""

import json
import subprocess
import sys

import pytest
import yaml
from conftest import PROGRAM, ROOT

sys.path.insert(0, str(ROOT / "tests/docs"))

from blocks import Block, of_kind  # noqa: E402

# tests/dbt/test_guide.py builds that page's project.
YAML = [block for block in of_kind("yaml") if block.page != "docs/guides/analytics-engineer.md"]
MODELS = [block for block in of_kind("sql dbt") if block.page != "docs/guides/analytics-engineer.md"]


def model_name(block: Block) -> str:
    return "trial_email" if "audience_model('trial_email')" in block.text else f"model_{block.line}"


def project(folder, fields: dict) -> None:
    """A project with the package, with the fields of a block as those of its files, and with all that they name."""
    (folder / "models").mkdir()
    variables = {"as_of": "2026-07-01 00:00:00"} | fields.pop("vars", {})
    variables |= {name: fields.pop(name) for name in list(fields) if name.startswith("plg_")}
    # The models of the pages name these; a block that says nothing of them leaves the package's own.
    exclusions = [{"name": "manual", "when": "is_excluded"}]
    levels = [{"name": "trial_in_app", "destination": "in_app", "when": "usage > 0"}, {"name": "trial_email", "destination": "email", "when": "usage > 1"}]
    variables.setdefault("plg_audiences", {"trial": {"exclusions": exclusions, "levels": levels}})
    sources = [{"name": "raw", "tables": [{"name": "none"}]}]
    for source in variables.get("plg_sources", {}).values():
        if "model" in source:
            (folder / f"models/{source['model']}.sql").write_text("select 1 as user_id")
        if "source" in source:
            sources.append({"name": source["source"][0], "tables": [{"name": source["source"][1]}]})
    for block in MODELS:
        (folder / f"models/{model_name(block)}.sql").write_text(block.text)
    (folder / "models/trial_in_app.sql").write_text("select 1 as member_id")
    described = {"version": 2, "sources": sources, "models": fields.pop("models", [])}
    (folder / "models/models.yml").write_text(yaml.safe_dump(described))
    packages = fields.pop("packages", [{"git": "", "subdirectory": "dbt"}])
    # A package from elsewhere is not fetched here: this folder stands for it.
    assert [sorted(package) for package in packages] == [["git", "subdirectory"]] and packages[0]["subdirectory"] == "dbt"
    (folder / "packages.yml").write_text(yaml.safe_dump({"packages": [{"local": str(ROOT / "dbt")}]}))
    settings = {"name": "my_project", "version": "0.1.0", "profile": "mine", "vars": variables}
    settings |= {name: fields.pop(name) for name in ("dispatch",) if name in fields}
    (folder / "dbt_project.yml").write_text(yaml.safe_dump(settings))
    output = {"type": "duckdb", "path": str(folder / "mine.duckdb")}
    (folder / "profiles.yml").write_text(json.dumps({"mine": {"target": "duckdb", "outputs": {"duckdb": output}}}))
    assert fields == {}, f"nobody reads {sorted(fields)}"


@pytest.mark.parametrize("block", YAML, ids=str)
def test_dbt_reads_the_block(block, tmp_path):
    project(tmp_path, yaml.safe_load(block.text))
    for command in ("deps", "parse"):
        finished = subprocess.run(
            [PROGRAM, "--no-use-colors", "--warn-error", command, "--project-dir", tmp_path, "--profiles-dir", tmp_path],
            capture_output=True, text=True, cwd=tmp_path,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stdout + finished.stderr


def test_there_are_blocks():
    assert len(YAML) >= 6 and len(MODELS) >= 3
