"""A function that `cargo xtask new-function` writes works in every host, as CONTRIBUTING.md says."""

import re

import pytest
from conftest import ROOT, xtask


@pytest.fixture(scope="module")
def scaffolded(copy):
    """The copy with a new family of one function. What cargo has built for it saves minutes."""
    written = xtask(copy, "new-function", "scratch", "twice_it")
    assert "udfs/scratch/twice_it.toml" in written
    return copy


def test_a_function_from_the_scaffold_runs_in_every_host(scaffolded):
    tried = xtask(scaffolded, "try", "scratch")
    passed = dict(re.findall("^(.+): ([0-9]+) passed$", tried, re.M))
    # Three examples and two tests of the module; two engines and two ways of keeping contexts for each warehouse; verify.sql,
    # three examples, and one error that TRY turns into NULL.
    assert list(passed) == ["native", "V8, as Snowflake and BigQuery call", "DuckDB"]
    assert int(passed["native"]) == 5 and int(passed["V8, as Snowflake and BigQuery call"]) >= 8
    assert int(passed["DuckDB"]) == 5


def test_a_test_that_fails_is_told(scaffolded):
    entry = scaffolded / "udfs/scratch/twice_it.toml"
    text = entry.read_text()
    entry.write_text(text.replace("result = 8", "result = 9"))
    try:
        with pytest.raises(AssertionError, match="a number is doubled: expected"):
            xtask(scaffolded, "try", "scratch")
    finally:
        entry.write_text(text)


def test_the_page_for_contributors_names_the_commands_that_were_run():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    assert "cargo xtask new-function billing days_past_due" in page and "cargo xtask try billing" in page
