"""The playground computes facts, roles and scores of the sample in the page: they are those of the dbt models."""

import json
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest
from conftest import EXTENSION, ROOT, Build

# What the page does not compute, and takes for unknown.
ABSENT = {"sessions_7d", "sessions_14d"}
NO_FACTS = {"workspace_id", "as_of", "account_id", "activation_date"}


@pytest.fixture(scope="module")
def said() -> dict[str, dict]:
    command = ["node", ROOT / "tests/dbt/print_playground.mjs", ROOT]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return {row["workspace_id"]: row for row in map(json.loads, finished.stdout.splitlines())}


@pytest.fixture(scope="module")
def rows(sample_build: Build):
    """The rows of a model as dictionaries."""
    with duckdb.connect(sample_build.database, read_only=True, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.execute(f"LOAD '{EXTENSION}'")

        def rows(model: str) -> list[dict]:
            cursor = connection.execute(f"select * from analytics.{model}")
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row)) for row in cursor.fetchall()]

        yield rows


def comparable(value: object) -> object:
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC).isoformat()
    if isinstance(value, str) and value.endswith(".000Z"):
        return datetime.fromisoformat(value).isoformat()
    return float(value) if isinstance(value, Decimal) else value


def test_facts_are_the_signals_of_workspaces(said: dict, rows) -> None:
    signals = rows("plg_workspace_signals")
    assert {row["workspace_id"] for row in signals} == said.keys()
    compared = 0
    for row in signals:
        facts = said[row["workspace_id"]]["facts"]
        assert row.keys() - NO_FACTS - ABSENT == facts.keys()
        for name, value in facts.items():
            expected, got = comparable(row[name]), comparable(value)
            # A difference of times becomes days in another order of multiplying and dividing.
            close = pytest.approx(expected, rel=1e-12) if isinstance(expected, float) else expected
            assert got == close, (row["workspace_id"], name)
            compared += value is not None
    assert compared > 40 * len(signals) * 0.8


def test_users_have_the_same_roles(said: dict, rows) -> None:
    shown = {
        (workspace, user["user_id"], user["role"], user["persona"])
        for workspace, row in said.items()
        for user in row["users"]
    }
    names = ["workspace_id", "user_id", "role", "persona"]
    assert shown == {tuple(row[name] for name in names) for row in rows("plg_int_workspace_users")}


def test_scores_of_daily_rollups_are_those_of_the_models(said: dict, rows) -> None:
    totals = {row["workspace_id"]: row["total"] for row in rows("plg_workspace_scores")}
    assert totals == {workspace: row["total"] for workspace, row in said.items()}
    assert len(set(totals.values())) > 30
