"""The aggregate rollup_events, as BigQuery's analyser reads it."""

import json
import re

import pytest
import zetasql.types as z
from conftest import DATASET
from googlesql import ZetaSQLError
from zetasql.api import TableBuilder

AGGREGATE = f"`{DATASET}.rollup_events`"
CALL = f"{AGGREGATE}(user_id, event, occurred_at, event_count, model, as_of)"


@pytest.fixture(scope="module")
def parts(of_aggregates):
    """The public aggregate, the JavaScript behind it, and the function that makes points in time."""
    own = {name: created for name, created in of_aggregates.items() if name.startswith(f"{DATASET}.rollup_events")}
    [public] = [name for name in own if "__" not in name]
    [rows] = [name for name in own if "_rows__" in name]
    [javascript] = [name for name in own if name not in (public, rows)]
    return own[public], own[javascript], own[rows]


@pytest.fixture(scope="module")
def events(installed):
    """The installation with a table of events."""
    columns = {"workspace_id": "STRING", "user_id": "STRING", "event": "STRING", "occurred_at": "TIMESTAMP"}
    columns |= {"event_count": "INT64", "model": "STRING", "as_of": "TIMESTAMP", "number": "INT64", "day": "DATE"}
    table = TableBuilder("events")
    for name, kind in columns.items():
        table.add_column(name, getattr(z.TypeKind, f"TYPE_{kind}"))
    installed.tables.append(table.build())
    yield installed
    installed.tables.pop()


def test_it_is_an_aggregate_in_sql_over_one_in_javascript(parts):
    public, javascript, rows = parts
    assert [part.is_aggregate for part in parts] == [True, True, False]
    assert [part.language.lower() for part in parts] == ["sql", "js", "sql"]
    called = re.findall(r"`([^`]+)`\(", public.code)
    assert called == [".".join(rows.name_path), ".".join(javascript.name_path)]


def test_every_argument_is_aggregated_since_bigquery_takes_only_literals_for_others(parts, aggregates):
    names = [argument["name"] for argument in aggregates["rollup_events"]["arguments"]]
    for part in parts[:2]:
        assert part.argument_name_list == names
        assert not any(argument.options and argument.options.is_not_aggregate for argument in part.signature.argument)


def test_javascript_takes_no_type_that_bigquery_refuses(script, parts):
    name = ".".join(parts[1].name_path)
    statement = next(text for text in script("install") if f"FUNCTION `{name}`" in text)
    signature = statement[: statement.index("LANGUAGE js")]
    assert not re.search(r"\b(INT64|NUMERIC|DATE|DATETIME|TIMESTAMP|ANY TYPE|NOT AGGREGATE)\b", signature)
    assert "STRUCT<user_id STRING, event STRING, occurred_at FLOAT64, count FLOAT64, max_per_hour FLOAT64>" in signature


def test_columns_are_aggregated_per_group(events):
    events.analyse(f"SELECT workspace_id, {CALL} AS events FROM events GROUP BY workspace_id")


def test_the_array_functions_take_what_it_makes(events):
    events.analyse(f"""
        SELECT workspace_id, `{DATASET}.score_events`({CALL}, 'admin', ANY_VALUE(model), ANY_VALUE(as_of)).total
        FROM events GROUP BY workspace_id
    """)


def test_its_rows_can_be_read(events):
    events.analyse(f"""
        SELECT row.user_id, DATE(row.occurred_at), row.count + row.max_per_hour
        FROM (SELECT {CALL} AS given FROM events), UNNEST(given) AS row
    """)


@pytest.mark.parametrize(("given", "other"), [("user_id", "number"), ("occurred_at", "day"), ("event", "number")])
def test_types_that_need_a_cast_are_refused(events, given, other):
    with pytest.raises(ZetaSQLError, match="No matching signature"):
        events.analyse(f"SELECT {CALL.replace(f'{given},', f'{other},', 1)} FROM events")


def test_points_in_time_keep_their_microseconds_on_the_way_back(installed, parts):
    rows = parts[2]
    installed.add_expression("rows_of", rows.argument_name_list, rows.code)
    row = "STRUCT('{}' AS user_id, CAST(NULL AS STRING) AS event, {} AS occurred_at, 2.5 AS count, 1.0 AS max_per_hour)"
    given = ", ".join([row.format("b", "CAST(1768383599999999 AS FLOAT64)"), row.format("a", "CAST(NULL AS FLOAT64)")])
    [[text]] = installed.evaluate(f"SELECT TO_JSON_STRING(rows_of([{given}]))")
    assert json.loads(text) == [
        {"user_id": "b", "event": None, "occurred_at": "2026-01-14T09:39:59.999999Z", "count": 2.5, "max_per_hour": 1},
        {"user_id": "a", "event": None, "occurred_at": None, "count": 2.5, "max_per_hour": 1},
    ]
    kind = "ARRAY<STRUCT<user_id STRING, event STRING, occurred_at FLOAT64, count FLOAT64, max_per_hour FLOAT64>>"
    assert installed.evaluate(f"SELECT rows_of(CAST(NULL AS {kind})) IS NULL") == [[True]]
    [[count]] = installed.evaluate(f"SELECT ARRAY_LENGTH(rows_of(CAST([] AS {kind})))")
    assert count == 0


def test_points_in_time_become_microseconds(installed, parts):
    [expression, _] = re.findall(r"CAST\(UNIX_MICROS\(\w+\) AS FLOAT64\)", parts[0].code)
    time = "TIMESTAMP '2026-01-14 09:39:59.999999+00'"
    assert installed.evaluate(f"SELECT {expression.replace('occurred_at', time)}") == [[1768383599999999.0]]
