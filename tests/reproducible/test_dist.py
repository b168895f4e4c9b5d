"""What `cargo xtask dist` builds depends on the sources alone."""

import hashlib
from pathlib import Path

import pytest
from conftest import DIST, ROOT


def checksums(dist):
    """The lines of SHA256SUMS as checksums by path."""
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    return {path: checksum for checksum, path in (line.split("  ") for line in lines)}


def test_the_checksums_are_those_of_the_files():
    for path, checksum in checksums(DIST).items():
        assert hashlib.sha256((DIST / path).read_bytes()).hexdigest() == checksum, path


@pytest.mark.parametrize("pattern", ["*/*.sql", "wasm/*.wasm", "duckdb/*.duckdb_extension", "sizes.json"])
def test_everything_that_a_release_attaches_has_a_checksum(pattern):
    files = {str(path.relative_to(DIST)) for path in DIST.glob(pattern)}
    assert files and files <= set(checksums(DIST))


def test_the_checksums_are_sorted_by_path():
    paths = list(checksums(DIST))
    assert paths == sorted(paths)


def test_no_file_holds_a_folder_of_this_machine():
    folders = [str(ROOT), str(Path.home() / ".cargo"), str(Path.home() / ".rustup")]
    for path in checksums(DIST):
        content = (DIST / path).read_bytes()
        assert [folder for folder in folders if folder.encode() in content] == [], path


def test_a_clean_build_in_another_folder_gives_the_same_bytes(copy):
    ours, theirs = checksums(DIST), checksums(copy / "dist")
    assert [path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)] == []
    pages = ["functions.md", *(f"functions/{page.name}" for page in (ROOT / "docs/functions").glob("*.md"))]
    assert [page for page in pages if (copy / "docs" / page).read_bytes() != (ROOT / "docs" / page).read_bytes()] == []
