"""Unpacks the DuckDB archive of a release, loads the extension, installs the functions and runs every example of the reference.

    python tests/release/load.py dist/release

The folder must hold the archive of this machine alone. Needs the package duckdb.
"""

import sys
import tarfile
import tempfile
from pathlib import Path

import duckdb


def main(folder: Path) -> None:
    (archive,) = folder.glob("plg-udfs-*-duckdb-*.tar.gz")
    # On Windows a loaded extension cannot be removed.
    unpacked = Path(tempfile.mkdtemp())
    with tarfile.open(archive) as files:
        files.extractall(unpacked, filter="data")
    (extension,) = unpacked.glob("*/plg.duckdb_extension")
    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    connection.execute(f"LOAD '{extension.as_posix()}'")
    connection.execute(extension.with_name("install.sql").read_text(encoding="utf-8"))
    examples = connection.execute(extension.with_name("verify.sql").read_text(encoding="utf-8")).fetchall()
    failed = [example for example in examples if example[-1] is not True]
    for example in failed:
        print(*example)
    if failed or not examples:
        sys.exit(f"{archive.name}: {len(failed)} of {len(examples)} examples failed")
    print(f"{archive.name}: {len(examples)} examples passed")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
