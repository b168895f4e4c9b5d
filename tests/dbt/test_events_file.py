"""One's own file of events: what is read, and what is said about a file that does not fit."""

import json
from datetime import datetime
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, script

# Stands in unfit files where a value would be; no message may repeat it.
SECRET = "s3cret"


def load(folder: Path, events: Path):
    database = folder / "test.duckdb"
    database.unlink(missing_ok=True)
    return script("load.py", "--database", database, "--sample", ROOT / "sample", "--events", events)


def raw_events(folder: Path) -> list[dict]:
    with duckdb.connect(folder / "test.duckdb", read_only=True) as connection:
        result = connection.execute("from raw.events")
        names = [column[0] for column in result.description]
        return [dict(zip(names, row)) for row in result.fetchall()]


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "events.csv"
    path.write_text(text, encoding=encoding, newline="")
    return path


def parquet_file(folder: Path, query: str) -> Path:
    path = folder / "events.parquet"
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'America/New_York'")
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")
    return path


def loaded(folder: Path, events: Path) -> list[dict]:
    finished = load(folder, events)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return raw_events(folder)


def complaint(folder: Path, events: Path) -> str:
    finished = load(folder, events)
    assert finished.returncode == 2, finished.stdout + finished.stderr
    assert SECRET not in finished.stdout and finished.stderr == ""
    return finished.stdout.strip()


def test_required_columns_are_enough(tmp_path):
    events = loaded(tmp_path, csv_file(tmp_path, "user_id,event,occurred_at\nu1,login,2026-01-02T03:04:05.678901Z\n"))
    assert [(event["user_id"], event["event"], str(event["occurred_at"])) for event in events] == [
        ("u1", "login", "2026-01-02 03:04:05.678901")
    ]
    assert {name for name, value in events[0].items() if value is None} == {
        "workspace_id", "anonymous_id", "role", "count", "event_id", "source", "properties"
    }


def test_optional_columns_come_in_any_order_and_others_are_reported(tmp_path):
    text = "count,page,role,anonymous_id,occurred_at,workspace_id,event,user_id\n2.5,/,vp,d1,2026-01-02,w1,login,u1\n"
    finished = load(tmp_path, csv_file(tmp_path, text))
    assert json.loads(finished.stdout)["other_columns"] == ["page"]
    [event] = raw_events(tmp_path)
    assert (event["count"], event["role"], event["anonymous_id"], event["workspace_id"]) == (2.5, "vp", "d1", "w1")


@pytest.mark.parametrize("text, expected", [
    ("2026-06-30", "2026-06-30 00:00:00"),
    ("2026-06-30 14:05:00", "2026-06-30 14:05:00"),
    ("2026-06-30T14:05:00Z", "2026-06-30 14:05:00"),
    ("2026-06-30T16:05:00+02:00", "2026-06-30 14:05:00"),
    ("2026-06-30T09:05:00.25-05", "2026-06-30 14:05:00.250000"),
    (" 2026-06-30 ", "2026-06-30 00:00:00"),
])
def test_timestamps_are_utc_unless_they_name_a_zone(tmp_path, text, expected):
    [event] = loaded(tmp_path, csv_file(tmp_path, f"user_id,event,occurred_at\nu1,login,{text}\n"))
    assert str(event["occurred_at"]) == expected


def test_empty_cells_are_kept_as_unknown(tmp_path):
    text = 'user_id,event,occurred_at,count\nu1,login,2026-01-02,\n ,"",,1\n'
    events = loaded(tmp_path, csv_file(tmp_path, text))
    assert [event["count"] for event in events] == [None, 1.0]
    assert (events[1]["user_id"], events[1]["event"], events[1]["occurred_at"]) == (None, None, None)


def test_quotes_line_breaks_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path):
    text = '\ufeffuser_id,event,occurred_at\r\n"a ""b"", c","line\none",2026-01-02\r\n'
    [event] = loaded(tmp_path, csv_file(tmp_path, text))
    assert (event["user_id"], event["event"]) == ('a "b", c', "line\none")


@pytest.mark.parametrize("expression, expected", [
    ("timestamp '2026-06-30 14:05:00.123456'", "2026-06-30 14:05:00.123456"),
    ("timestamp_ns '2026-06-30 14:05:00.123456789'", "2026-06-30 14:05:00.123456"),
    ("timestamp_s '2026-06-30 14:05:00'", "2026-06-30 14:05:00"),
    ("timestamptz '2026-06-30 14:05:00+00'", "2026-06-30 14:05:00"),
    ("date '2026-06-30'", "2026-06-30 00:00:00"),
    ("'2026-06-30T16:05:00+02:00'", "2026-06-30 14:05:00"),
])
def test_parquet_timestamps_of_every_kind_are_read(tmp_path, expression, expected):
    query = f"select 'u1' as user_id, 'login' as event, {expression} as occurred_at"
    [event] = loaded(tmp_path, parquet_file(tmp_path, query))
    assert str(event["occurred_at"]) == expected


@pytest.mark.parametrize("expression, expected", [
    ("42", "42"),
    ("12345678901234567890::uhugeint::hugeint", None),
    ("uuid '5f0c7f1e-63bb-4d53-9d4f-0e2a1c2b3d4e'", "5f0c7f1e-63bb-4d53-9d4f-0e2a1c2b3d4e"),
    ("'u1'::enum('u1', 'u2')", "u1"),
])
def test_parquet_ids_may_be_whole_numbers_uuids_and_enums(tmp_path, expression, expected):
    query = f"select {expression} as user_id, 'login' as event, date '2026-06-30' as occurred_at"
    if expected is None:
        # Parquet has no such integers: DuckDB writes them as floating-point numbers, which are no ids.
        assert "column user_id has the type DOUBLE" in complaint(tmp_path, parquet_file(tmp_path, query))
    else:
        assert loaded(tmp_path, parquet_file(tmp_path, query))[0]["user_id"] == expected


@pytest.mark.parametrize("type_name", ["integer", "decimal(10, 2)", "double", "utinyint", "varchar"])
def test_parquet_counts_may_be_any_numbers(tmp_path, type_name):
    query = f"select 'u1' as user_id, 'login' as event, date '2026-06-30' as occurred_at, 3::{type_name} as count"
    assert loaded(tmp_path, parquet_file(tmp_path, query))[0]["count"] == 3.0


def test_users_and_devices_follow_from_the_events(tmp_path):
    text = (
        "user_id,event,occurred_at,role,anonymous_id,workspace_id\n"
        "u1,login,2026-01-02,vp,d1,w1\nu1,login,2026-01-01,manager,d1,w1\nu1,login,2026-01-03,,d2,\n"
        ",visit,2026-01-01,,d3,\n"
    )
    loaded(tmp_path, csv_file(tmp_path, text))
    with duckdb.connect(tmp_path / "test.duckdb", read_only=True) as connection:
        assert connection.execute("select user_id, role from raw.users").fetchall() == [("u1", "vp")]
        assert connection.execute("select workspace_id, user_id from raw.memberships").fetchall() == [("w1", "u1")]
        assert sorted(connection.execute("from raw.identity_links").fetchall()) == [
            ("anonymous_id", "d1", "user_id", "u1", datetime(2026, 1, 1), datetime(2026, 1, 2)),
            ("anonymous_id", "d2", "user_id", "u1", datetime(2026, 1, 3), datetime(2026, 1, 3)),
        ]


@pytest.mark.parametrize("text, message", [
    ("", "the file is empty"),
    ("user_id,event,occurred_at\n", "the file has columns but no rows"),
    (
        f"user_id,timestamp\n{SECRET},{SECRET}\n",
        "columns event, occurred_at missing; the file has user_id, timestamp; names are not guessed, so rename them",
    ),
    (
        f"User_ID,event,occurred_at\n{SECRET},login,2026-01-01\n",
        "column user_id missing; the file has User_ID, event, occurred_at; names are not guessed, so rename them",
    ),
    (
        f"{SECRET}@example.com,login,2026-01-01\n",
        "columns user_id, event, occurred_at missing; the file has (no plain name), login, (no plain name); "
        "names are not guessed, so rename them",
    ),
    (
        f"user_id;event;occurred_at\n{SECRET};login;2026-01-01\n",
        "columns user_id, event, occurred_at missing: the first line is a single column; commas must separate the "
        "columns",
    ),
    (f"user_id,user_id,event,occurred_at\n{SECRET},{SECRET},login,2026-01-01\n", "column user_id is there twice"),
    (
        f"user_id,event,occurred_at\nu1,login,2026-01-01\nu1,login,{SECRET}\n",
        "column occurred_at does not fit in row 2 (the first after the header is row 1); it must hold timestamps, "
        "dates or ISO-8601 text such as 2026-06-30T14:05:00Z",
    ),
    (
        f"user_id,event,occurred_at\nu1,login,1767225600\nu1,login,{SECRET}\nu1,login,2026-02-30\nu1,login,infinity\n",
        "column occurred_at does not fit in row 1 (the first after the header is row 1), nor in 3 further rows; it "
        "must hold timestamps, dates or ISO-8601 text such as 2026-06-30T14:05:00Z",
    ),
    (
        f"user_id,event,occurred_at,count\nu1,login,2026-01-01,1\nu1,login,2026-01-01,{SECRET}\n",
        "column count does not fit in row 2 (the first after the header is row 1); it must hold numbers that are not "
        "negative",
    ),
    (
        "user_id,event,occurred_at,count\nu1,login,2026-01-01,-1\nu1,login,2026-01-01,nan\n",
        "column count does not fit in row 1 (the first after the header is row 1), nor in 1 further row; it must hold "
        "numbers that are not negative",
    ),
    ("user_id,event,occurred_at\nu1,login,\nu2,login, \n", "column occurred_at is empty in every row"),
    (f"user_id,event,occurred_at\n,{SECRET},2026-01-01\n", "column user_id is empty in every row"),
    (f"user_id,event,occurred_at\nu1,login,2026-01-01\n{SECRET},login\n", "line 3 has 2 columns, the header has 3"),
    (f"user_id,event,occurred_at\n{SECRET},login,2026-01-01,x\n", "line 2 has 4 columns, the header has 3"),
    (
        f'user_id,event,occurred_at\n"{SECRET},login,2026-01-01\n',
        "line 2: a quoted text does not end where it should",
    ),
])
def test_an_unfit_csv_file_is_told_what_is_wrong(tmp_path, text, message):
    assert complaint(tmp_path, csv_file(tmp_path, text)) == message


def test_a_csv_file_in_another_encoding_is_told_where(tmp_path):
    text = f"user_id,event,occurred_at\n{SECRET} é,login,2026-01-01\n"
    assert complaint(tmp_path, csv_file(tmp_path, text, "latin-1")) == "line 2 is not UTF-8"
    assert complaint(tmp_path, csv_file(tmp_path, text, "utf-16")) == "it is neither Parquet nor CSV in UTF-8"


DATE = "date '2026-01-01'"


@pytest.mark.parametrize("user_id, occurred_at, count, message", [
    ("'u1'", "1767225600", "1", "column occurred_at has the type INTEGER"),
    ("'u1'", f"'{SECRET}'", "1", "column occurred_at does not fit in row 1"),
    ("1.0::double", DATE, "1", "column user_id has the type DOUBLE; it must hold text or whole numbers"),
    ("['u1']", DATE, "1", "column user_id has the type LIST"),
    ("{'id': 'u1'}", DATE, "1", "column user_id has the type STRUCT"),
    ("'u1'", DATE, "true", "column count has the type BOOLEAN; it must hold numbers that are not negative"),
    ("'u1'", DATE, "-1", "column count does not fit in row 1"),
])
def test_an_unfit_parquet_file_is_told_what_is_wrong(tmp_path, user_id, occurred_at, count, message):
    query = f"select {user_id} as user_id, 'login' as event, {occurred_at} as occurred_at, {count} as count"
    assert complaint(tmp_path, parquet_file(tmp_path, query)).startswith(message)


def test_a_parquet_file_without_a_required_column_is_told_which(tmp_path):
    query = "select 'u1' as user_id, 'login' as event"
    assert complaint(tmp_path, parquet_file(tmp_path, query)) == (
        "column occurred_at missing; the file has user_id, event; names are not guessed, so rename them"
    )


def test_what_is_no_readable_file_is_told_so(tmp_path):
    assert complaint(tmp_path, tmp_path / "absent.csv") == "there is no such file"
    assert complaint(tmp_path, tmp_path) == "it is not a file"
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1" + SECRET.encode())
    assert complaint(tmp_path, broken) == "it starts like a Parquet file but cannot be read as one"
