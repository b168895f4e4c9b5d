"""The package on the other versions of dbt-core: what they build is what this environment's builds."""

import os
from pathlib import Path

from conftest import Build, build, prepare


def test_dbt_1_12_builds_the_same_tables(sample_build: Build, tmp_path: Path):
    program = Path(os.environ["PLG_PYTHON_DBT112"]).with_name("dbt")
    again = build(prepare(tmp_path / "sample.duckdb"), program=program)
    assert again.artifact("manifest.json")["metadata"]["dbt_version"].startswith("1.12.")
    assert again.tables() == sample_build.tables()
