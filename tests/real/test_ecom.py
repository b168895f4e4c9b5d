"""The events of a shop that retentioneering ships (31,106 events of 600 people): rollups and funnel equal what pandas says."""

from datetime import timedelta
from pathlib import Path

import pandas
import pytest
from conftest import dataset, dbt, install, load_events, query

AS_OF = "2024-06-30 00:00:00"
STEPS = ["product_view", "add_to_cart", "shipping_details", "payment_details", "purchase"]
WINDOW = timedelta(days=14)
FUNNELS = {
    "purchase": {"window": {"days": 14}, "steps": [{"name": step, "event": step} for step in STEPS]},
}


@pytest.fixture(scope="session")
def events() -> pandas.DataFrame:
    rows = pandas.read_csv(dataset("retentioneering", "datasets", "ecom.csv.gz"))
    return rows.assign(at=pandas.to_datetime(rows["timestamp"]))


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, events: pandas.DataFrame) -> Path:
    database = tmp_path_factory.mktemp("ecom") / "ecom.duckdb"
    load_events(database, list(events[["user_id", "event", "timestamp"]].itertuples(index=False)))
    install(database)
    selection = ["--select", "+plg_daily_events", "+plg_unknown_events", "+plg_funnel", "+plg_funnel_steps"]
    dbt(database, "run", AS_OF, {"plg_funnels": FUNNELS, "plg_experiments": {}}, *selection)
    return database


def test_the_data_is_the_published_one(events):
    assert len(events) == 31_106 and events["user_id"].nunique() == 600
    assert not events.isna().any(axis=None)


def test_rollups_are_those_of_pandas(shop, events):
    hours = events.groupby(["user_id", "event", events["at"].dt.floor("h")])["at"].agg(["size", "min", "max"]).reset_index()
    days = hours.groupby(["user_id", "event", hours["at"].dt.date]).agg(
        count=("size", "sum"), first=("min", "min"), last=("max", "max"), most=("size", "max")
    )
    expected = {
        key: (count, first.to_pydatetime(), last.to_pydatetime(), most)
        for key, count, first, last, most in zip(days.index, days["count"], days["first"], days["last"], days["most"])
    }
    rows = query(shop, "select user_id, event, day, event_count, first_at, last_at, max_per_hour from analytics.plg_daily_events")
    assert {tuple(row[:3]): tuple(row[3:]) for row in rows} == expected


def test_every_event_is_counted_by_name(shop, events):
    counted = {event: (count, users) for event, count, users in query(shop, "from analytics.plg_unknown_events")}
    by_name = events.groupby("event")["user_id"].agg(["size", "nunique"])
    assert counted == {event: (size, users) for event, size, users in by_name.itertuples()}


def furthest(history: pandas.DataFrame) -> int:
    """How many steps one person gets through, in order, within the window from the first; steps of one instant are in order."""
    best = 0
    for start in history.loc[history["event"] == STEPS[0], "at"]:
        at, reached = start, 1
        for step in STEPS[1:]:
            later = history.loc[
                (history["event"] == step) & (history["at"] >= at) & (history["at"] <= start + WINDOW), "at"
            ]
            if later.empty:
                break
            at, reached = later.min(), reached + 1
        best = max(best, reached)
    return best


def test_the_funnel_is_that_of_pandas(shop, events):
    reached = events.sort_values("at").groupby("user_id")[["event", "at"]].apply(furthest)
    rows = query(shop, "select step, reached from analytics.plg_funnel where funnel = 'purchase' order by step_number")
    assert rows == [(step, int((reached >= number).sum())) for number, step in enumerate(STEPS, start=1)]
    assert rows[0][1] > rows[-1][1] > 50
    of_people = dict(query(shop, "select entity_id, steps_reached from analytics.plg_funnel_results where steps_reached > 0"))
    assert of_people == {user: steps for user, steps in reached.items() if steps}
