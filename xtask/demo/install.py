"""Installs the functions in a DuckDB file: loads the extension and runs the install script, which adds the macros."""

import argparse
from pathlib import Path

import duckdb


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--extension", type=Path, required=True)
    parser.add_argument("--script", type=Path, required=True)
    arguments = parser.parse_args()
    # The extension is not signed by DuckDB's authors.
    with duckdb.connect(arguments.database, config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(arguments.extension))
        connection.execute(arguments.script.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
