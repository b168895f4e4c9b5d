"""Reads a file of events, CSV or Parquet, into the table raw.events, or says what is wrong with it.

No message repeats a value of the file: events are personal data, and messages end up in logs and tickets.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import duckdb

REQUIRED = {"user_id": "text", "event": "text", "occurred_at": "timestamp"}
OPTIONAL = {
    "workspace_id": "text", "anonymous_id": "text", "role": "text", "count": "number", "event_id": "text",
    "source": "text", "properties": "text",
}
COLUMNS = REQUIRED | OPTIONAL

# What a Parquet column may be, beside text. Floating-point ids would turn 1 into "1.0", so they are no text.
INTEGERS = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"} | {
    "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"
}
ACCEPTED = {
    "text": (INTEGERS | {"UUID", "ENUM"}, "text or whole numbers"),
    "timestamp": (
        {"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE", "DATE"},
        "timestamps, dates or ISO-8601 text such as 2026-06-30T14:05:00Z",
    ),
    "number": (INTEGERS | {"DECIMAL", "FLOAT", "DOUBLE"}, "numbers that are not negative"),
}

# In bytes. What has no line end for longer than this is no CSV file with a header.
LONGEST_HEADER = 1 << 20

# Infinity is a timestamp and a number for DuckDB, and years beyond 9999 are none for most others.
LIMITS = {
    "timestamp": "{value} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999'",
    "number": "isfinite({value}) and {value} >= 0",
}


class UnusableFile(Exception):
    """The file does not fit; the message says why and what to do about it."""


@dataclass
class Contents:
    """What was read."""

    rows: int
    # Columns of the file that nothing reads, in the file's order.
    other_columns: list[str]


def read_events(connection: duckdb.DuckDBPyConnection, path: Path) -> Contents:
    """Creates raw.events from the file; texts are trimmed, and an empty one is NULL.

    The connection's time zone must be UTC: a timestamp without a zone is taken as UTC, any other converted to it.
    Raises UnusableFile.
    """
    if not path.exists():
        raise UnusableFile("there is no such file")
    if not path.is_file():
        raise UnusableFile("it is not a file")
    try:
        with path.open("rb") as file:
            first_bytes = file.read(4)
    except OSError as error:
        raise UnusableFile(f"it cannot be read: {error.strerror}") from None
    if not first_bytes:
        raise UnusableFile("the file is empty")
    # Only Parquet files start with these bytes, so the name does not matter.
    load = load_parquet if first_bytes == b"PAR1" else load_csv
    columns = load(connection, path)
    rows = single_value(connection, "select count(*) from file_rows")
    if rows == 0:
        raise UnusableFile("the file has columns but no rows")
    for name, kind in COLUMNS.items():
        if name in columns:
            check_values(connection, name, kind)
    create_events(connection, columns)
    connection.execute("drop table file_rows")
    return Contents(rows, [name for name in columns if name not in COLUMNS])


def load_csv(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Loads the known columns into file_rows as text and returns the names of all columns.

    The dialect is not guessed: a wrong guess would read nonsense without an error.
    """
    columns = csv_header(path)
    check_columns(columns)
    types = {f"c{position}": "VARCHAR" for position in range(len(columns))}
    known = ", ".join(f"c{columns.index(name)} as {name}" for name in COLUMNS if name in columns)
    query = f"""
        create or replace temporary table file_rows as
        select {known}
        from read_csv(
            $path, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', columns = {types}
        )
    """
    try:
        connection.execute(query, {"path": str(path)})
    except duckdb.Error as error:
        raise UnusableFile(csv_problem(str(error))) from None
    return columns


def csv_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        first_line = file.readline(LONGEST_HEADER)
    try:
        return [name.strip() for name in next(csv.reader([first_line.decode("utf-8-sig")], strict=True), [])]
    except UnicodeDecodeError:
        raise UnusableFile("it is neither Parquet nor CSV in UTF-8") from None
    except csv.Error:
        raise UnusableFile("its first line is no list of column names") from None


def csv_problem(message: str) -> str:
    """DuckDB's message without the offending line, which it quotes."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    place = f"line {line[1]}" if line else "some line"
    counts = re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message)
    if counts:
        return f"{place} has {counts[2]} columns, the header has {counts[1]}"
    if "quote" in message.split("Possible", 1)[0]:
        return f"{place}: a quoted text does not end where it should"
    if "not utf-8" in message:
        return f"{place} is not UTF-8"
    return f"{place} cannot be read as CSV"


def load_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """Loads the known columns into file_rows with their types and returns the names of all columns."""
    try:
        described = rows_of(connection, "describe from read_parquet($path)", {"path": str(path)})
    except duckdb.Error:
        raise UnusableFile("it starts like a Parquet file but cannot be read as one") from None
    types = {name: data_type for name, data_type, *_ in described}
    check_columns(list(types))
    for name, kind in COLUMNS.items():
        if name in types:
            check_type(name, kind, types[name])
    known = ", ".join(name for name in COLUMNS if name in types)
    try:
        connection.execute(
            f"create or replace temporary table file_rows as select {known} from read_parquet($path)",
            {"path": str(path)},
        )
    except duckdb.Error:
        raise UnusableFile("its columns can be listed, but its rows cannot be read") from None
    return list(types)


def check_columns(columns: list[str]) -> None:
    twice = sorted({name for name in columns if columns.count(name) > 1 and name in COLUMNS})
    if twice:
        raise UnusableFile(f"column {twice[0]} is there twice")
    missing = [name for name in REQUIRED if name not in columns]
    if not missing:
        return
    problem = f"column{'s' if len(missing) > 1 else ''} {', '.join(missing)} missing"
    if len(columns) == 1 and any(separator in columns[0] for separator in ";\t|"):
        raise UnusableFile(f"{problem}: the first line is a single column; commas must separate the columns")
    # A file without a header would show its first row here, so only what looks like names is repeated.
    names = [name if re.fullmatch(r"[A-Za-z_][A-Za-z_ ]{0,40}", name) else "(no plain name)" for name in columns]
    raise UnusableFile(f"{problem}; the file has {', '.join(names[:20])}; names are not guessed, so rename them")


def check_type(name: str, kind: str, data_type: str) -> None:
    accepted, wanted = ACCEPTED[kind]
    # DECIMAL(18,3) and ENUM('a', 'b') are judged by their names; a list or struct of such is none of them.
    base = data_type.split("(")[0]
    is_nested = data_type.endswith("]") or base in {"STRUCT", "MAP", "UNION"}
    if is_nested or base not in accepted | {"VARCHAR"}:
        shown = base if not data_type.endswith("]") else "LIST"
        raise UnusableFile(f"column {name} has the type {shown}; it must hold {wanted}")


def check_values(connection: duckdb.DuckDBPyConnection, name: str, kind: str) -> None:
    """Every value must be of its kind; a required column must have at least one."""
    filled = f"nullif(trim(cast({name} as varchar)), '') is not null"
    if name in REQUIRED and single_value(connection, f"select count(*) from file_rows where {filled}") == 0:
        raise UnusableFile(f"column {name} is empty in every row")
    if kind == "text":
        return
    bad = f"{filled} and not coalesce({LIMITS[kind].format(value=converted(name, kind))}, false)"
    # rowid counts from 0 in the file's order.
    first, count = rows_of(connection, f"select min(rowid) + 1, count(*) from file_rows where {bad}")[0]
    if count:
        others = f", nor in {count - 1} further row{'s' if count > 2 else ''}" if count > 1 else ""
        raise UnusableFile(
            f"column {name} does not fit in row {first} (the first after the header is row 1){others}; "
            f"it must hold {ACCEPTED[kind][1]}"
        )


def converted(name: str, kind: str) -> str:
    """An expression for the column's value by its kind; NULL where it is missing or does not fit."""
    text = f"nullif(trim(cast({name} as varchar)), '')"
    if kind == "timestamp":
        # By way of TIMESTAMPTZ: casting text to TIMESTAMP drops the zone it names.
        return f"cast(try_cast({text} as timestamptz) as timestamp)"
    return f"try_cast({text} as double)" if kind == "number" else text


def create_events(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> None:
    types = {"text": "varchar", "timestamp": "timestamp", "number": "double"}
    expressions = [
        f"{converted(name, kind) if name in columns else 'null'}::{types[kind]} as {name}"
        for name, kind in COLUMNS.items()
    ]
    connection.execute(f"create table raw.events as select {', '.join(expressions)} from file_rows")


def rows_of(connection: duckdb.DuckDBPyConnection, query: str, parameters: dict | None = None) -> list[tuple]:
    return connection.execute(query, parameters or {}).fetchall()


def single_value(connection: duckdb.DuckDBPyConnection, query: str):
    return rows_of(connection, query)[0][0]
