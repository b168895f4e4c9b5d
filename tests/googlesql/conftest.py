import functools
import os
import tomllib
from pathlib import Path

import pytest
import zetasql.types as z
from googlesql import Installation, statements
from zetasql.api import TableBuilder

ROOT = Path(os.environ["PLG_ROOT"])
SCRIPTS = Path(os.environ["PLG_DIST"]) / "bigquery"
DATASET = "YOUR_PROJECT.plg"


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
    """The statements of a generated script, by its name. Parsing one takes seconds, and tests ask for it in loops."""
    return functools.cache(lambda name: statements((SCRIPTS / f"{name}.sql").read_text()))


@pytest.fixture(scope="session")
def installed(script):
    """BigQuery after install.sql, statement by statement."""
    routines = TableBuilder("ROUTINES")
    for column in ["routine_name", "routine_type", "external_language"]:
        routines.add_column(column, z.TypeKind.TYPE_STRING)
    installation = Installation(tables=[routines.build()])
    for statement in script("install"):
        installation.run(statement)
    return installation


@pytest.fixture(scope="session")
def of_aggregates(installed, aggregates):
    """What aggregates consist of, by name: the public ones, and the private functions behind them."""
    of_one = tuple(f"{DATASET}.{name}" for name in aggregates)
    return {name: created for name, created in installed.created.items() if name.startswith(of_one)}


@pytest.fixture(scope="session")
def public(installed, of_aggregates):
    """The public functions, without aggregates."""
    return {n: c for n, c in installed.created.items() if "__" not in n and n not in of_aggregates}


@pytest.fixture(scope="session")
def private(installed, of_aggregates):
    """The private functions, without those of aggregates."""
    return {n: c for n, c in installed.created.items() if "__" in n and n not in of_aggregates}
