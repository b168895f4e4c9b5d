"""Real data: CDNOW (Fader and Hardie), all 69,659 purchases, and the sample of 2,357 customers with a published summary.

The summary counts repeat days of purchase (frequency), weeks from the first to the last one (recency) and weeks from
the first one to the end of the calibration period, 1997-09-30 (T), all to two decimals. The purchases go on until
1998-06; those after the end must count nowhere.
"""

import csv
import subprocess
from datetime import datetime
from pathlib import Path

import pandas
import pytest
from conftest import ROOT, dataset, query

END_OF_CALIBRATION = "1997-09-30"
SUMMARY = f"""
    select
        user_id,
        count(*) - 1,
        round(date_diff('day', min(day), max(day)) / 7, 2),
        round(date_diff('day', min(day), date '{END_OF_CALIBRATION}') / 7, 2)
    from analytics.plg_daily_events
    where event = 'purchase'
    group by user_id
"""


def data(name: str) -> Path:
    return dataset("lifetimes", "datasets", name)


def purchases() -> list[tuple[str, str, int]]:
    """Customer, date and number of CDs of every purchase."""
    lines = data("CDNOW_sample.txt").read_text().splitlines()
    # Columns: id in the full data set, id in the sample, date, number of CDs, dollars.
    fields = [line.split() for line in lines]
    return [(id, datetime.strptime(day, "%Y%m%d").date().isoformat(), int(cds)) for _, id, day, cds, _ in fields]


def published() -> dict[str, tuple[int, float, float]]:
    with data("cdnow_customers_summary.csv").open(newline="") as file:
        return {
            f"{int(row['ID']):04}": (int(row["frequency"]), float(row["recency"]), float(row["T"]))
            for row in csv.DictReader(file)
        }


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cdnow")
    events = folder / "purchases.csv"
    with events.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["user_id", "event", "occurred_at"])
        writer.writerows([customer, "purchase", day] for customer, day, _ in purchases())
    database = folder / "cdnow.duckdb"
    command = ["cargo", "xtask", "demo", "--built", "--events", events, "--as-of", END_OF_CALIBRATION]
    finished = subprocess.run([*command, "--database", database], capture_output=True, text=True, cwd=ROOT)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return database


def test_the_data_is_the_published_sample():
    assert len(purchases()) == 6919
    assert len(published()) == 2357


def test_rollups_give_the_published_frequency_recency_and_t_of_every_customer(database):
    summary = query(database, SUMMARY)
    assert {customer: tuple(values) for customer, *values in summary} == published()


def test_every_purchase_is_in_a_rollup_or_ignored_as_too_late(database):
    late = sum(day > END_OF_CALIBRATION for _, day, _ in purchases())
    assert query(database, "select sum(event_count) from analytics.plg_daily_events") == [(6919 - late,)]
    ignored = dict(query(database, "select reason, row_count from analytics.plg_ignored_events"))
    assert ignored == {"no_event": 0, "no_timestamp": 0, "no_user": 0, "after_as_of": late}


def test_purchases_are_unknown_to_the_starter_model_and_counted(database):
    assert query(database, "select event, user_count from analytics.plg_unknown_events") == [("purchase", 2357)]
    assert query(database, "select max(total), count(*) from analytics.plg_user_scores") == [(0.0, 2357)]


@pytest.fixture(scope="session")
def all_purchases() -> list[tuple[str, str, int]]:
    """Customer, date and number of CDs of every purchase there is."""
    # The first line has the names: id, date, number of CDs, dollars.
    fields = [line.split() for line in data("CDNOW_master.txt").read_text().splitlines()[1:]]
    return [(id, datetime.strptime(day, "%Y%m%d").date().isoformat(), int(cds)) for id, day, cds, _ in fields]


@pytest.fixture(scope="session")
def full(cdnow, all_purchases) -> Path:
    return cdnow(all_purchases, "--select", "+plg_daily_events", "+plg_ignored_events")


def test_in_full_the_rollups_give_the_published_summary_of_the_sample(full, all_purchases):
    assert len(all_purchases) == 69_659
    # The sample's file knows each customer by both numbers.
    numbers = {line.split()[0]: line.split()[1] for line in data("CDNOW_sample.txt").read_text().splitlines()}
    summary = {numbers[customer]: tuple(values) for customer, *values in query(full, SUMMARY) if customer in numbers}
    assert summary == published()


def test_in_full_the_rollups_give_what_pandas_gives_for_all_customers(full, all_purchases):
    rows = pandas.DataFrame(all_purchases, columns=["customer", "day", "cds"])
    days = pandas.to_datetime(rows["day"])[rows["day"] <= END_OF_CALIBRATION]
    days = days.groupby(rows["customer"]).agg(["nunique", "min", "max"])
    weeks = {
        "recency": ((days["max"] - days["min"]).dt.days / 7).round(2),
        "age": ((pandas.Timestamp(END_OF_CALIBRATION) - days["min"]).dt.days / 7).round(2),
    }
    expected = dict(zip(days.index, zip(days["nunique"] - 1, weeks["recency"], weeks["age"])))
    assert len(expected) == 23_570
    assert {customer: tuple(values) for customer, *values in query(full, SUMMARY)} == expected


def test_in_full_every_purchase_is_in_a_rollup_or_too_late(full, all_purchases):
    late = sum(day > END_OF_CALIBRATION for _, day, _ in all_purchases)
    assert query(full, "select sum(event_count) from analytics.plg_daily_events") == [(69_659 - late,)]
    assert dict(query(full, "from analytics.plg_ignored_events"))["after_as_of"] == late
