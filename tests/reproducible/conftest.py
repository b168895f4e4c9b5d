"""A copy of the sources in another folder, built from nothing."""

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


def copy_sources(target):
    """Copies what git knows or would add: a clone, but with changes that are not committed yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    for name in set(listed.stdout.decode().split("\0")) - {""}:
        source = ROOT / name
        if source.is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target / name)


def xtask(copy, *arguments):
    """Runs the pipeline of a copy and returns what it printed."""
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    # A copy of the files knows no commit.
    environment["PLG_COMMIT"] = re.search("^-- Source: commit (.+)$", (DIST / "duckdb/install.sql").read_text(), re.M)[1]
    ran = subprocess.run(["cargo", "xtask", *arguments], cwd=copy, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-4000:]
    return ran.stdout


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """The copy, with its own dist/ and everything that cargo has built for it."""
    folder = tmp_path_factory.mktemp("clean") / "another folder"
    copy_sources(folder)
    xtask(folder, "dist")
    return folder
