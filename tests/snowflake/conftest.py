import os
import tomllib
from pathlib import Path

import pytest
from snowflake import functions

ROOT = Path(os.environ["PLG_ROOT"])
SCRIPTS = Path(os.environ["PLG_DIST"]) / "snowflake"


@pytest.fixture(scope="session")
def catalogue():
    """The catalogue's functions by name."""
    files = sorted(ROOT.glob("udfs/*/*.toml"))
    return {file.stem: tomllib.loads(file.read_text()) for file in files}


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
