"""What goes to crates.io, as cargo itself packs and builds it."""

import re
import subprocess

from conftest import ROOT, xtask


def listed(package):
    command = ["cargo", "package", "--list", "--allow-dirty", "--package", package]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())


def test_the_crates_are_packed_and_build_from_what_is_packed():
    xtask("crates")
    core, lists = listed("plg-udfs"), listed("plg-lists")
    assert {"src/lib.rs", "README.md", "LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md"} <= core
    assert {"src/lib.rs", "build.rs", "published/lists.rs", "published/free.upper", "LICENSE-APACHE", "LICENSE-MIT"} <= lists
    assert not [name for name in core | lists if re.match("tests|udfs|modules|xtask|target|dist", name)]


def test_both_have_one_version():
    manifest = (ROOT / "Cargo.toml").read_text()
    version = re.search('^version = "(.*)"', manifest, re.M)[1]
    assert f'plg-lists = {{ path = "lists", version = "{version}" }}' in manifest


def test_the_changelog_begins_with_this_version():
    version = re.search('^version = "(.*)"', (ROOT / "Cargo.toml").read_text(), re.M)[1]
    headings = re.findall(r"^## \[(.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert headings[:2] == ["Unreleased", version]
