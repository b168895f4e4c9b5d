import os
import tomllib
from pathlib import Path

import pytest
from snowflake import functions

ROOT = Path(os.environ["PLG_ROOT"])
SCRIPTS = Path(os.environ["PLG_DIST"]) / "snowflake"


@pytest.fixture(scope="session")
def entries():
    """The catalogue's entries by name."""
    return {file.stem: tomllib.loads(file.read_text()) for file in sorted(ROOT.glob("udfs/*/*.toml"))}


@pytest.fixture(scope="session")
def catalogue(entries):
    """The catalogue's functions by name."""
    return {name: entry for name, entry in entries.items() if "kind" not in entry}


@pytest.fixture(scope="session")
def aggregates(entries):
    """The catalogue's aggregates by name."""
    return {name: entry for name, entry in entries.items() if "kind" in entry}


@pytest.fixture(scope="session")
def documents():
    return {file.stem: file.read_text() for file in ROOT.glob("udfs/*/documents/*")}


@pytest.fixture(scope="session")
def script():
    """The text of a generated script, by its name."""
    return lambda name: (SCRIPTS / f"{name}.sql").read_text()


@pytest.fixture(scope="session")
def install(script):
    return script("install")


@pytest.fixture(scope="session")
def installed(install):
    return functions(install)


@pytest.fixture(scope="session")
def public(installed):
    return [function for function in installed if not function.private]


@pytest.fixture(scope="session")
def private(installed):
    return [function for function in installed if function.private]
