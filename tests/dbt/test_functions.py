"""The functions as dbt's own resources (dbt 1.12 and newer): `dist/dbt_functions`, read by dbt v2, sent by dbt 1.12, run on DuckDB."""

import json
import mmap
import os
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest
import yaml
from conftest import DUCKDB
from print_models_v2 import PROFILES

DIST = DUCKDB.parent
# What an install script creates: name, arguments, result, and the body.
CREATED = {
    "snowflake": r"CREATE OR REPLACE FUNCTION (\w+)\((.*)\)\nCOPY GRANTS\nRETURNS (.*)\n(?:.*\n)*?AS \$\$((?:.|\n)*?)\$\$;\n",
    "bigquery": r"CREATE OR REPLACE FUNCTION `YOUR_PROJECT\.plg\.(\w+)`\((.*)\)\nRETURNS (.*)\n(?:.*\n)*?AS (?:r\"\"\"|\()((?:.|\n)*?)(?:\"\"\"|\n\));\n",
}


@pytest.fixture(scope="module", params=["snowflake", "bigquery"])
def project(request, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Somebody's project with the functions in its folder, compiled by dbt v2, which knows both warehouses offline."""
    warehouse = request.param
    folder = tmp_path_factory.mktemp(warehouse)
    shutil.copytree(DIST / "dbt_functions" / warehouse, folder / "functions/plg")
    (folder / "models").mkdir()
    (folder / "models/points.sql").write_text("select {{ function('decay_exp') }}(8, 7, 7) as points")
    (folder / "dbt_project.yml").write_text("name: mine\nversion: 0.1.0\nconfig-version: 2\nprofile: mine\n")
    profile = {"target": warehouse, "outputs": {warehouse: PROFILES[warehouse]}}
    (folder / "profiles.yml").write_text(json.dumps({"mine": profile}))
    program = Path(os.environ["PLG_PYTHON_DBT2"]).with_name("dbt")
    command = [program, "compile", "--project-dir", folder, "--profiles-dir", folder]
    finished = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return warehouse, folder


def installed(warehouse: str) -> dict[str, tuple[str, str, str]]:
    """Arguments, result and body of every function that the install script creates, of overloads the first."""
    text = (DIST / warehouse / "install.sql").read_text()
    found = {}
    for name, arguments, result, body in re.findall(CREATED[warehouse], text):
        found.setdefault(name, (arguments, result, body))
    return found


def words(sql: str) -> str:
    return re.sub(r"\s+", "", sql).replace("`", "")


def described(folder: Path) -> dict[str, tuple[str, str]]:
    entries = yaml.safe_load((folder / "functions/plg/functions.yml").read_text())["functions"]
    return {
        entry["name"]: (
            ", ".join(f"{argument['name']} {argument['data_type']}" for argument in entry.get("arguments", [])),
            entry["returns"]["data_type"],
        )
        for entry in entries
    }


def test_every_function_is_there_and_compiles(project):
    warehouse, folder = project
    # Aggregates, which Snowflake has as table functions, are no resource of dbt.
    script = installed(warehouse)
    public = {name for name in script if "__" not in name and not script[name][1].startswith("TABLE")} | {"version"}
    assert len(public) > 55
    assert set(described(folder)) == public | {f"{name}_body" for name in public - {"version"}}
    compiled = {path.name for path in (folder / "target/compiled").rglob("plg/*") if path.suffix in (".sql", ".js")}
    assert compiled == {f"{name}.sql" for name in public} | {f"{name}_body.js" for name in public - {"version"}}
    [model] = (folder / "target/compiled").rglob("points.sql")
    assert words(model.read_text()) == "selectempty.analytics.decay_exp(8,7,7)aspoints"


def test_they_are_those_of_the_install_script(project):
    """Signatures and bodies; what Snowflake's STRICT does, which dbt cannot say, the SQL around the body does."""
    warehouse, folder = project
    [compiled] = {path.parent for path in (folder / "target/compiled").rglob("decay_exp.sql")}
    script, types = installed(warehouse), described(folder)
    text = (DIST / warehouse / "install.sql").read_text()
    for private in [name for name in script if "__" in name and not name.startswith("verify_")]:
        name = private.partition("__")[0]
        if name not in script:
            # An aggregate's.
            continue
        arguments, result, _ = script[private]
        # dbt quotes them, and Snowflake folds what is not quoted.
        assert types[f"{name}_body"] == (arguments.upper() if warehouse == "snowflake" else arguments, result), name
        assert (compiled / f"{name}_body.js").read_text().strip() == script[private][2].strip(), name
        assert types[name] == script[name][:2], name
        expected = words(script[name][2]).replace(f"YOUR_PROJECT.plg.{private}", private)
        expected = expected.replace(private, f"empty.analytics.{name}_body")
        statement = text[text.index(f"{private}(" if warehouse == "snowflake" else f"{private}`("):]
        if warehouse == "snowflake" and "\nSTRICT\n" in statement[:statement.index("AS $$")]:
            arguments = [argument.split()[0] for argument in script[private][0].split(", ")]
            nulls = " OR ".join(f"{argument} IS NULL" for argument in arguments)
            expected = words(f"CASE WHEN {nulls} THEN NULL ELSE {expected} END")
        assert words((compiled / f"{name}.sql").read_text()) == expected, name


def test_each_body_is_within_what_a_warehouse_takes_inline(project):
    warehouse, folder = project
    sizes = {path.name: path.stat().st_size for path in (folder / "functions/plg").glob("*.js")}
    assert max(sizes.values()) <= 32_768 + 1, max(sizes, key=sizes.get)


@pytest.fixture(scope="module")
def sent(project) -> tuple[str, dict[str, tuple[str, str]]]:
    """What dbt-core 1.12 sends to create each function, by its name: its own adapter's statements, with no warehouse below it.

    Each as what stands before AS, with single blanks, and what follows."""
    warehouse, folder = project
    program = Path(__file__).with_name("print_functions.py")
    finished = subprocess.run(
        [os.environ["PLG_PYTHON_DBT112"], program, warehouse, folder], capture_output=True, text=True, cwd=folder
    )
    assert finished.returncode == 0, finished.stderr[-3000:]
    statements = json.loads(finished.stdout)
    named = {}
    for statement in statements:
        head, _, rest = statement.partition("AS\n")
        head = " ".join(head.split())
        name = re.match(r"CREATE OR REPLACE FUNCTION `?empty`?\.`?analytics`?\.`?(\w+)`? \(", head)[1]
        named[name] = (head, rest.strip())
    assert len(named) == len(statements)
    return warehouse, named


def test_dbt_1_12_sends_every_function(sent, project):
    _, named = sent
    assert set(named) == set(described(project[1]))


def test_dbt_1_12_sends_the_bodies_as_the_sandbox_runs_them(sent, project):
    """Neither STRICT nor a library; on Snowflake with quoted arguments, which is why they are in upper case."""
    warehouse, named = sent
    types = described(project[1])
    for name in [name for name in named if name.endswith("_body")]:
        arguments, result = types[name]
        body = (DIST / f"dbt_functions/{warehouse}/{name}.js").read_text().strip()
        head, rest = named[name]
        if warehouse == "snowflake":
            quoted = ", ".join('"{}" {}'.format(*argument.split(" ", 1)) for argument in arguments.split(", "))
            assert head == f"CREATE OR REPLACE FUNCTION empty.analytics.{name} ( {quoted} ) RETURNS {result} LANGUAGE JAVASCRIPT IMMUTABLE", name
            opening, closing = "$$", "$$"
        else:
            created = f"CREATE OR REPLACE FUNCTION `empty`.`analytics`.`{name}` ( {arguments} ) RETURNS {result}"
            assert head == f"{created} DETERMINISTIC LANGUAGE js", name
            opening, closing = "r'''", "'''"
        assert rest.removeprefix(opening).removesuffix(closing).strip() == body, name
        assert closing not in body, name


DUCKDB_PROJECT = """
name: mine
version: 0.1.0
profile: mine
{dispatch}
on-run-start: "load '{{{{ env_var('PLG_DUCKDB_EXTENSION') }}}}'"
models: {{mine: {{+materialized: table}}}}
vars: {{as_of: "2026-07-01 00:00:00"}}
"""
DISPATCH = "dispatch: [{macro_namespace: dbt, search_order: [mine, plg, dbt]}]"


def build_on_duckdb(folder: Path, program: Path, dispatch: str) -> subprocess.CompletedProcess:
    """Somebody's project on DuckDB with the functions in its folder, built as the package's README says."""
    shutil.copytree(DIST / "dbt_functions/duckdb", folder / "functions/plg")
    (folder / "models").mkdir()
    (folder / "models/points.sql").write_text("select {{ function('decay_half_life') }}(8, 7, 7) as points")
    (folder / "dbt_project.yml").write_text(DUCKDB_PROJECT.format(dispatch=dispatch))
    (folder / "packages.yml").write_text(json.dumps({"packages": [{"local": str(DIST / "dbt")}]}))
    output = {"type": "duckdb", "path": str(folder / "mine.duckdb"), "config_options": {"allow_unsigned_extensions": True}}
    (folder / "profiles.yml").write_text(json.dumps({"mine": {"target": "duckdb", "outputs": {"duckdb": output}}}))
    environment = os.environ | {"PLG_DUCKDB_EXTENSION": str(DUCKDB / "plg.duckdb_extension")}
    for command in (["deps"], ["build", "--select", "package:mine"]):
        finished = subprocess.run(
            [program, *command, "--project-dir", folder, "--profiles-dir", folder],
            capture_output=True, text=True, cwd=folder, env=environment,
        )  # fmt: skip
    return finished


@pytest.mark.parametrize("environment", ["PLG_PYTHON_DBT", "PLG_PYTHON_DBT112"])
def test_on_duckdb_they_are_macros_over_the_extension(tmp_path, environment):
    finished = build_on_duckdb(tmp_path, Path(os.environ[environment]).with_name("dbt"), DISPATCH)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    with duckdb.connect(tmp_path / "mine.duckdb", config={"allow_unsigned_extensions": "true"}) as connection:
        connection.load_extension(str(DUCKDB / "plg.duckdb_extension"))
        assert connection.execute("select points from main.points").fetchall() == [(4,)]
        created = connection.execute("select function_name from duckdb_functions() where schema_name = 'main' and not internal").fetchall()
    names = {path.stem for path in (DIST / "dbt_functions/duckdb").glob("*.sql")}
    assert {name for (name,) in created if not name.startswith("plg_")} >= names and len(names) > 55


def test_on_duckdb_without_dispatch_dbt_sends_its_own_statement(tmp_path):
    finished = build_on_duckdb(tmp_path, Path(os.environ["PLG_PYTHON_DBT112"]).with_name("dbt"), "")
    assert finished.returncode != 0 and 'syntax error at or near "RETURNS"' in finished.stdout


@pytest.mark.parametrize("name", ["global_project/scalar", "global_project/helpers", "snowflake/scalar", "bigquery/scalar", "bigquery/scalar_js"])
def test_dbt_v2_makes_the_statements_of_1_12(name):
    """It creates functions only where there is a warehouse, but it carries the macros that make the statements: the same, to the byte."""
    adapter, macro = name.split("/")
    [site] = Path(os.environ["PLG_PYTHON_DBT112"]).parents[1].glob("lib/python*/site-packages")
    text = (site / f"dbt/include/{adapter}/macros/materializations/functions/{macro}.sql").read_bytes()
    with Path(os.environ["PLG_PYTHON_DBT2"]).with_name("dbt").open("rb") as program:
        assert mmap.mmap(program.fileno(), 0, access=mmap.ACCESS_READ).find(text.strip()) >= 0
