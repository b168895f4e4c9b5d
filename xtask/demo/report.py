"""Draws the report: one page of HTML with everything in it, from the marts in a DuckDB file."""

import argparse
import base64
import hashlib
import json
from pathlib import Path

import duckdb
import report_sections
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

TEMPLATES = Path(__file__).with_name("report")

# In the order in which they are loaded; Plot finds D3 by its global name.
LIBRARIES = {"d3": "dist/d3.min.js", "@observablehq/plot": "dist/plot.umd.min.js"}

# What Plot's file has in it beside Plot itself.
BUNDLED = ("interval-tree-1d", "binary-search-bounds", "isoformat")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--charts", type=Path, required=True, help="the node_modules folder with the charting library")
    parser.add_argument("--page", type=Path, required=True)
    arguments = parser.parse_args()
    # The tables hold plain values, so reading them needs neither the extension nor the functions.
    with duckdb.connect(arguments.database, read_only=True) as connection:
        report = report_sections.read(connection)
    arguments.page.write_text(render(report, arguments.charts), encoding="utf-8")


def render(report: report_sections.Report, charts: Path) -> str:
    """The page. Whatever comes from the tables is escaped by the template, or by `as_data`."""
    scripts = [*(library(charts, name) for name in LIBRARIES), (TEMPLATES / "charts.js").read_text(encoding="utf-8")]
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        report=report,
        style=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),
        scripts=[Markup(script) for script in scripts],
        policy=policy(scripts),
        data=as_data({chart.id: chart.content for section in report.sections for chart in section.charts}),
        licences=[(name, licence(charts, name)) for name in (*LIBRARIES, *BUNDLED)],
    )


def library(charts: Path, name: str) -> str:
    script = (charts / name / LIBRARIES[name]).read_text(encoding="utf-8")
    # Either would end the element around it, or open a comment that swallows its end.
    assert "</script" not in script and "<!--" not in script, f"{name} cannot stand inside a page"
    return script


def licence(charts: Path, name: str) -> str:
    return next((charts / name).glob("LICENSE*")).read_text(encoding="utf-8").strip()


def policy(scripts: list[str]) -> str:
    """What a browser lets the page do: run these very scripts, and reach nothing."""
    hashes = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    allowed = " ".join(f"'sha256-{value}'" for value in hashes)
    # Plot writes a style element into each chart. With no source allowed a style cannot load anything.
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def as_data(value: object) -> Markup:
    """JSON that can stand in a script element: nothing in it looks like HTML."""
    return Markup(json.dumps(value, default=str, allow_nan=False).replace("<", "\\u003c"))


if __name__ == "__main__":
    main()
