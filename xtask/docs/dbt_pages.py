"""Writes docs/dbt/macros.md and docs/dbt/models.md from the descriptions in dbt/**/*.yml, which dbt itself reads.

`cargo xtask sample` runs it, in the environment `dbt` of tools.toml, because PyYAML comes with dbt. tests/dbt holds the pages to what it writes."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
NOTE = "<!-- Written by xtask/docs/dbt_pages.py from dbt/**/*.yml. -->"

# The folders of models, in the order of the page, with what they hold.
LAYERS = {
    "marts": ("Marts", "What dashboards, syncs and people read."),
    "staging": ("Staging", "The sources under one set of names and types, one model per source. Nothing else reads raw tables."),
    "intermediate": ("Intermediate", "Calls of the functions, and what prepares them. Their columns may change with any release."),
}


def prose(text: str | None) -> str:
    """A description as a Markdown paragraph on one line; what keeps dbt from rendering examples goes."""
    text = re.sub(r"\{%-?\s*(end)?raw\s*-?%\}", "", text or "")
    return " ".join(text.split())


def paragraphs(text: str | None) -> list[str]:
    parts = re.split(r"\n\s*\n", re.sub(r"\{%-?\s*(end)?raw\s*-?%\}", "", text or "").strip())
    return [" ".join(part.split()) for part in parts]


def cell(text: str | None) -> str:
    return prose(text).replace("|", "\\|")


def first_sentence(text: str | None) -> str:
    return re.split(r"(?<=[.]) ", prose(text))[0].rstrip(".")


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    line = lambda cells: "| " + " | ".join(cells) + " |"
    return [line(head), "|" + "---|" * len(head), *map(line, rows), ""]


def documents(root: Path, folder: str) -> list[tuple[Path, dict]]:
    files = sorted((root / "dbt" / folder).rglob("*.yml"))
    return [(file, yaml.safe_load(file.read_text(encoding="utf-8")) or {}) for file in files]


def macros_page(root: Path) -> str:
    macros = [macro for _, document in documents(root, "macros") for macro in document.get("macros", [])]
    macros.sort(key=lambda macro: macro["name"])
    # The name of an adapter's or a private macro begins with an underscore.
    macros = [macro for macro in macros if not macro["name"].startswith("_")]
    lines = [NOTE, "", "# Macros", "", f"All {len(macros)} public macros of the dbt package, called as `plg.<name>`.", ""]
    lines += table(["macro", "in short"], [[f"[`{m['name']}`](#{m['name']})", cell(first_sentence(m.get("description")))] for m in macros])
    for macro in macros:
        arguments = macro.get("arguments") or []
        lines += [f"## {macro['name']}", ""]
        for paragraph in paragraphs(macro.get("description")):
            lines += [paragraph, ""]
        if arguments:
            rows = [[f"`{a['name']}`", a.get("type", ""), cell(a.get("description"))] for a in arguments]
            lines += table(["argument", "type", "meaning"], rows)
    lines += ["## Tests for models of your own", "", "Generic tests of the package, called as `plg.<name>`; their arguments come after the model.", ""]
    lines += table(["test", "in short"], generic_tests(root))
    return "\n".join(lines).rstrip() + "\n"


def generic_tests(root: Path) -> list[list[str]]:
    """Each generic test with its arguments, and the comment that it begins with."""
    rows = []
    for file in sorted((root / "dbt/tests/generic").glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        comment = re.match(r"\{#-?(.*?)-?#\}", text, re.S)
        signature = re.search(r"\{%-? test (\w+)\(\s*model,?(.*?)\)\s*-?%\}", text, re.S)
        arguments = " ".join(signature[2].split())
        rows.append([f"`{signature[1]}({arguments})`", cell(comment[1] if comment else "")])
    return rows


def test_name(test: str | dict) -> str:
    return test if isinstance(test, str) else next(iter(test))


def models_page(root: Path) -> str:
    described = {m["name"]: m for _, document in documents(root, "models") for m in document.get("models", [])}
    files = {file.stem: file.relative_to(root / "dbt/models") for file in (root / "dbt/models").rglob("*.sql")}
    missing = sorted(set(files) - set(described))
    if missing:
        raise SystemExit(f"models without description: {', '.join(missing)}")
    lines = [NOTE, "", "# Models", ""]
    lines += [f"All {len(files)} models of the dbt package, with their columns and the tests that each build holds them to.", ""]
    for folder, (title, what) in LAYERS.items():
        names = sorted(name for name, file in files.items() if file.parts[0] == folder)
        lines += [f"- [{title}](#{title.lower()}): {len(names)} models. {what}"]
    lines += [""]
    for folder, (title, what) in LAYERS.items():
        names = sorted(name for name, file in files.items() if file.parts[0] == folder)
        lines += [f"## {title}", "", what, ""]
        lines += table(
            ["model", "in short"], [[f"[`{n}`](#{n})", cell(first_sentence(described[n].get("description")))] for n in names]
        )
        for name in names:
            model = described[name]
            lines += [f"### {name}", "", prose(model.get("description")), ""]
            tests = [test_name(test) for test in model.get("data_tests") or []]
            if tests:
                lines += ["Tests: " + ", ".join(f"`{test}`" for test in dict.fromkeys(tests)) + ".", ""]
            rows = [
                [
                    f"`{column['name']}`",
                    cell(column.get("description")),
                    ", ".join(f"`{test_name(test)}`" for test in column.get("data_tests") or []),
                ]
                for column in model.get("columns") or []
            ]
            if rows:
                lines += table(["column", "meaning", "tests"], rows)
    return "\n".join(lines).rstrip() + "\n"


def pages(root: Path) -> dict[str, str]:
    """The pages by their names below docs/dbt."""
    return {"macros.md": macros_page(root), "models.md": models_page(root)}


if __name__ == "__main__":
    for name, text in pages(ROOT).items():
        (ROOT / "docs/dbt" / name).write_text(text, encoding="utf-8")
