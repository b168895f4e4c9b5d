"""The pages about macros and models say what the package is."""

import importlib.util
import re

from conftest import ROOT


def load(path):
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def headings(page: str) -> set[str]:
    return set(re.findall(r"^#{2,3} (\w+)$", (ROOT / "docs/dbt" / page).read_text(encoding="utf-8"), re.M))


def test_the_pages_are_what_the_descriptions_say():
    for name, text in load(ROOT / "xtask/docs/dbt_pages.py").pages(ROOT).items():
        committed = (ROOT / "docs/dbt" / name).read_text(encoding="utf-8")
        assert committed == text, f"docs/dbt/{name} is out of date: `cargo xtask sample` writes it"


def test_every_model_is_on_its_page():
    assert {file.stem for file in (ROOT / "dbt/models").rglob("*.sql")} <= headings("models.md")


def test_every_public_macro_is_on_its_page():
    # One macro per file, and an underscore before what is not for others; install.sql and materialisations apart.
    files = [file for file in (ROOT / "dbt/macros").rglob("*.sql") if file.parent.name != "materializations"]
    public = {file.stem for file in files if not file.stem.startswith("_")} - {"plg_components"}
    assert public <= headings("macros.md")


def test_every_generic_test_is_on_the_page_of_macros():
    page = (ROOT / "docs/dbt/macros.md").read_text(encoding="utf-8")
    files = list((ROOT / "dbt/tests/generic").glob("*.sql"))
    assert files and all(f"| `{file.stem}(" in page for file in files)
