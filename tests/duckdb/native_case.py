"""What the dbt macro status_case_sql makes of rule texts. dbt has a Python of its own, so it runs as a program."""

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor

from conftest import ROOT

# One per core that tests may count on.
PROGRAMS = 2


def print_cases(calls):
    """For each call, the macro's keyword arguments, {"sql": ..} or {"error": ..}."""
    share = -(-len(calls) // PROGRAMS)
    with ThreadPoolExecutor(PROGRAMS) as pool:
        parts = pool.map(run_program, [calls[start : start + share] for start in range(0, len(calls), share)])
        return [result for part in parts for result in part]


def run_program(calls):
    finished = subprocess.run(
        [os.environ["PLG_PYTHON_DBT"], "-B", ROOT / "tests/dbt/print_cases.py"],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return json.loads(finished.stdout)
