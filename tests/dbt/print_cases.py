"""What the macro status_case_sql makes of rule texts, as dbt itself runs it.

Reads a JSON list of the macro's keyword arguments from the standard input; prints a JSON list with {"sql": ..} or
{"error": ..} for each. A program of its own, so that tests in other environments than dbt's can call it.
"""

import json
import sys
import tempfile
from pathlib import Path

from dbt.adapters.factory import get_adapter_by_type
from dbt.cli.main import dbtRunner
from dbt_common.exceptions import CompilationError

MACROS = Path(__file__).resolve().parents[2] / "dbt/macros"

# The package's macros without its models, which take long to read.
PROJECT = {
    "dbt_project.yml": {
        "name": "plg", "version": "0.1.0", "config-version": 2, "profile": "plg", "macro-paths": ["macros"],
        "flags": {"send_anonymous_usage_stats": False},
    },
    "profiles.yml": {"plg": {"target": "duckdb", "outputs": {"duckdb": {"type": "duckdb", "path": ":memory:"}}}},
}


def load_macros(folder):
    """Lets dbt read the macros; returns a function that runs one of them."""
    for name, content in PROJECT.items():
        (folder / name).write_text(json.dumps(content))
    (folder / "macros").symlink_to(MACROS)
    finished = dbtRunner().invoke(["--quiet", "parse", "--project-dir", str(folder), "--profiles-dir", str(folder)])
    if not finished.success:
        raise RuntimeError(finished.exception or "dbt refuses the project")
    adapter = get_adapter_by_type("duckdb")
    return lambda name, arguments: adapter.execute_macro(
        name, macro_resolver=finished.result, project="plg", kwargs=arguments, needs_conn=False
    )


def printed(run, arguments):
    try:
        return {"sql": run("status_case_sql", arguments)}
    except CompilationError as error:
        return {"error": str(error.msg)}


def main():
    calls = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        run = load_macros(Path(folder))
        results = [printed(run, arguments) for arguments in calls]
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
