"""The workflows of GitHub: what they run exists, and what they use is pinned."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, XTASK

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def steps(workflow):
    jobs = yaml.safe_load(workflow.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def commands(workflow, *start):
    """The words after `start` of every line that begins so."""
    lines = [shlex.split(line) for step in steps(workflow) for line in step.get("run", "").splitlines()]
    return [words[len(start):] for words in lines if words[: len(start)] == list(start)]


def complaint(words):
    """What the pipeline's own help does not know of a command, or None."""
    command, *options = words
    help_text = subprocess.run([XTASK, command, "--help"], capture_output=True, text=True)
    if help_text.returncode != 0:
        return f"no command {command}"
    known = dict(re.findall(r"^ +(?:-\w, )?(--[\w-]+)((?:.*\n(?! +(?:-\w, )?--))*.*)", help_text.stdout, re.M))
    while options:
        option = options.pop(0)
        if option not in known:
            return f"no option {option}"
        if "<" in known[option]:
            value = options.pop(0)
            values = re.findall(r"^ +- ([\w-]+):", known[option], re.M)
            if values and value not in values:
                return f"no value {value}"
    return None


def test_there_is_one_for_every_push_and_one_for_releases():
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "release.yml"]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actionlint_finds_nothing(workflow):
    linted = subprocess.run([Path(sys.executable).with_name("actionlint"), workflow], capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_actionlint_finds_what_is_wrong(tmp_path):
    wrong = tmp_path / "ci.yml"
    wrong.write_text((ROOT / ".github/workflows/release.yml").read_text().replace("needs: linux", "needs: lunix"))
    linted = subprocess.run([Path(sys.executable).with_name("actionlint"), wrong], capture_output=True, text=True)
    assert linted.returncode == 1 and "lunix" in linted.stdout


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_of_the_pipeline_is_one(workflow):
    found = commands(workflow, "cargo", "xtask")
    assert found and [(words, complaint(words)) for words in found if complaint(words)] == []


@pytest.mark.parametrize(
    "words", [["realease"], ["release", "--tags", "v1"], ["release", "--only", "archive"], ["test", "--only"]]
)
def test_a_command_that_is_none_is_noticed(words):
    with pytest.raises(IndexError) if words[-1] == "--only" else pytest.raises(AssertionError):
        assert complaint(words) is None


def test_every_file_that_a_step_names_is_there():
    named = {word for path in WORKFLOWS for words in commands(path, "python") for word in words if "/" in word}
    named -= {"dist/release"}
    assert named == {"tests/release/load.py", "tools/python/duckdb15.txt"}
    assert all((ROOT / path).is_file() for path in named)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_says_its_version(workflow):
    uses = re.findall(r"uses: (.*)", workflow.read_text())
    assert uses and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses), uses


def test_the_matrix_and_linux_are_the_five_platforms():
    matrix = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]["extension"]["strategy"]["matrix"]
    platforms = {entry["platform"] for entry in matrix["include"]}
    assert platforms == {"linux_arm64", "osx_amd64", "osx_arm64", "windows_amd64"}


def test_registries_get_nothing_without_a_token():
    publishing = [step for path in WORKFLOWS for step in steps(path) if re.search(r"publish", step.get("run", ""))]
    assert len(publishing) == 2
    assert all(re.fullmatch(r"env\.\w+_TOKEN != ''", step["if"]) for step in publishing)


def test_the_toolchain_is_the_one_that_the_crates_ask_for():
    asked = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
    for workflow in WORKFLOWS:
        assert yaml.safe_load(workflow.read_text())["env"]["RUSTUP_TOOLCHAIN"] == f"{asked}.0"
