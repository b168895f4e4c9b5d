"""Real data: the CDNOW sample (Fader and Hardie), purchases of 2,357 customers with a published summary of each.

The summary counts repeat days of purchase (frequency), weeks from the first to the last one (recency) and weeks from
the first one to the end of the calibration period, 1997-09-30 (T), all to two decimals. The purchases go on until
1998-06; those after the end must count nowhere.
"""

import csv
import importlib.util
import subprocess
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
END_OF_CALIBRATION = "1997-09-30"


def dataset(name: str) -> Path:
    """A file inside the package lifetimes, which need not be importable."""
    return Path(importlib.util.find_spec("lifetimes").origin).parent / "datasets" / name


def purchases() -> list[tuple[str, str, int]]:
    """Customer, date and number of CDs of every purchase."""
    lines = dataset("CDNOW_sample.txt").read_text().splitlines()
    # Columns: id in the full data set, id in the sample, date, number of CDs, dollars.
    fields = [line.split() for line in lines]
    return [(id, datetime.strptime(day, "%Y%m%d").date().isoformat(), int(cds)) for _, id, day, cds, _ in fields]


def published() -> dict[str, tuple[int, float, float]]:
    with dataset("cdnow_customers_summary.csv").open(newline="") as file:
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


def query(database: Path, text: str) -> list[tuple]:
    with duckdb.connect(database, read_only=True) as connection:
        return connection.execute(text).fetchall()


def test_the_data_is_the_published_sample():
    assert len(purchases()) == 6919
    assert len(published()) == 2357


def test_rollups_give_the_published_frequency_recency_and_t_of_every_customer(database):
    summary = query(
        database,
        f"""
        select
            user_id,
            count(*) - 1,
            round(date_diff('day', min(day), max(day)) / 7, 2),
            round(date_diff('day', min(day), date '{END_OF_CALIBRATION}') / 7, 2)
        from analytics.plg_daily_events
        where event = 'purchase'
        group by user_id
        """,
    )
    assert {customer: tuple(values) for customer, *values in summary} == published()


def test_every_purchase_is_in_a_rollup_or_ignored_as_too_late(database):
    late = sum(day > END_OF_CALIBRATION for _, day, _ in purchases())
    assert query(database, "select sum(event_count) from analytics.plg_daily_events") == [(6919 - late,)]
    ignored = dict(query(database, "select reason, row_count from analytics.plg_ignored_events"))
    assert ignored == {"no_event": 0, "no_timestamp": 0, "no_user": 0, "after_as_of": late}


def test_purchases_are_unknown_to_the_starter_model_and_counted(database):
    assert query(database, "select event, user_count from analytics.plg_unknown_events") == [("purchase", 2357)]
    assert query(database, "select max(total), count(*) from analytics.plg_user_scores") == [(0.0, 2357)]
