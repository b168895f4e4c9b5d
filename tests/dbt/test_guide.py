"""The guide for analytics engineers, followed to the letter: its files are a project, and its first command builds scores."""

import os
import re
import shlex
import subprocess
import textwrap

import duckdb
import yaml
from conftest import EXTENSION, PROGRAM, ROOT, prepare

GUIDE = (ROOT / "docs/guides/analytics-engineer.md").read_text(encoding="utf-8")


def blocks(text: str = GUIDE) -> list[tuple[str, str]]:
    """The fenced blocks with their languages, also those within lists."""
    found = re.findall(r"^( *)```(\w+)[^\n]*\n(.*?)^\1```$", text, re.M | re.S)
    return [(language, textwrap.dedent(text)) for _, language, text in found]


def files() -> dict[str, str]:
    """The blocks that begin with a comment of a file's name."""
    named = ((re.match(r"(?:#|--) (\S+\.(?:yml|sql))\n", text), text) for _, text in blocks())
    return {match[1]: text for match, text in named if match}


def command(program: str) -> tuple[dict[str, str], list[str]]:
    """The first command of the guide that is `dbt <program>`: the variables before it, and its arguments."""
    for language, text in blocks():
        words = shlex.split(text) if language == "sh" else []
        if program in words:
            variables = dict(word.split("=", 1) for word in words if "=" in word)
            return variables, words[words.index("dbt") + 1 :]
    raise AssertionError(f"the guide has no dbt {program}")


def test_what_is_no_file_of_the_project_stands_in_the_packages_readme_too():
    readme = (ROOT / "dbt/README.md").read_text(encoding="utf-8")
    known = [yaml.safe_load(text) for language, text in blocks(readme) if language == "yaml"]
    others = [text for language, text in blocks() if language == "yaml" and text not in files().values()]
    assert others and all(yaml.safe_load(text) in known for text in others)


def test_the_guide_leads_to_the_first_score(tmp_path):
    database = prepare(tmp_path / "product.duckdb")
    # Two tables are enough, says the guide.
    with duckdb.connect(database) as connection:
        for (name,) in connection.execute("select table_name from duckdb_tables() where schema_name = 'raw'").fetchall():
            if name not in ("events", "users"):
                connection.execute(f"drop table raw.{name}")
    project = tmp_path / "project"
    written = files()
    assert set(written) == {
        "packages.yml", "dbt_project.yml", "profiles.yml",
        "models/admin_scores.sql", "models/hot_users.sql", "models/hot_users.yml",
    }  # fmt: skip
    # The package of this folder, where the guide has that of the last release.
    written["packages.yml"] = f"packages:\n  - local: {ROOT / 'dbt'}\n"
    for name, text in written.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text, encoding="utf-8")
    variables, build = command("build")
    environment = os.environ | variables | {"PLG_DUCKDB_DATABASE": str(database), "PLG_DUCKDB_EXTENSION": str(EXTENSION)}
    for arguments in (["deps"], build, ["build", "--select", "admin_scores", "hot_users"]):
        finished = subprocess.run(
            [PROGRAM, *arguments, "--project-dir", project, "--profiles-dir", project],
            capture_output=True, text=True, env=environment, cwd=tmp_path,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stdout + finished.stderr
    with duckdb.connect(database, read_only=True) as connection:
        users = connection.execute("select count(*), count(total) from analytics.plg_user_scores").fetchone()
        hot = connection.execute("select count(*), min(total) >= 20 from analytics.hot_users").fetchone()
        admins = connection.execute(
            "select count(*) from analytics.admin_scores join analytics.plg_user_scores using (user_id)"
        ).fetchone()
    assert users[0] == users[1] > 100
    assert hot[0] > 0 and hot[1]
    assert admins[0] == users[0]
