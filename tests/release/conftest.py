"""What a release attaches, put together from what the build has made."""

import json
import os
import subprocess
import tarfile
from pathlib import Path

import pytest

ROOT = Path(os.environ["PLG_ROOT"])
DIST = Path(os.environ["PLG_DIST"])
RELEASE = DIST / "release"
XTASK = os.environ["PLG_XTASK"]


def xtask(*arguments):
    finished = subprocess.run([XTASK, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr[-4000:]
    return finished.stdout


@pytest.fixture(scope="session")
def version():
    metadata = subprocess.run(
        ["cargo", "metadata", "--format-version=1", "--no-deps"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (package,) = [package for package in json.loads(metadata.stdout)["packages"] if package["name"] == "plg-udfs"]
    return package["version"]


@pytest.fixture(scope="session")
def attached():
    """The files of a release by name."""
    xtask("release", "--only", "archives")
    return {path.name: path for path in RELEASE.iterdir()}


@pytest.fixture
def unpacked(attached, version, tmp_path):
    """Unpacks an archive and returns its one folder."""

    def unpack(part):
        with tarfile.open(attached[f"plg-udfs-{version}-{part}.tar.gz"]) as files:
            files.extractall(tmp_path, filter="data")
        (folder,) = tmp_path.iterdir()
        return folder

    return unpack
