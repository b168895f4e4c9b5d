"""What `cargo xtask dist` builds depends on the sources alone."""

import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(os.environ["PLG_ROOT"])
DIST = Path(os.environ["PLG_DIST"])

# What cargo and its tools need of the machine; nothing else of this process reaches the other build.
ENVIRONMENT = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "PLG_CACHE", "LANG"]


def checksums(dist):
    """The lines of SHA256SUMS as checksums by path."""
    lines = (dist / "SHA256SUMS").read_text().splitlines()
    return {path: checksum for checksum, path in (line.split("  ") for line in lines)}


def copy_sources(target):
    """Copies what git knows or would add: a clone, but with changes that are not committed yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    for name in set(listed.stdout.decode().split("\0")) - {""}:
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)


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


def test_a_clean_build_in_another_folder_gives_the_same_bytes(tmp_path):
    copy = tmp_path / "another folder"
    copy_sources(copy)
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    # A copy of the files knows no commit.
    environment["PLG_COMMIT"] = re.search("^-- Source: commit (.+)$", (DIST / "duckdb/install.sql").read_text(), re.M)[1]
    build = subprocess.run(["cargo", "xtask", "dist"], cwd=copy, env=environment, capture_output=True, text=True)
    assert build.returncode == 0, build.stderr[-4000:]
    ours, theirs = checksums(DIST), checksums(copy / "dist")
    assert [path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)] == []
    assert (copy / "docs/functions.md").read_bytes() == (ROOT / "docs/functions.md").read_bytes()
