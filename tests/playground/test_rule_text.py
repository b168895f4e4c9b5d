"""Rules are taken apart where they begin and end, however they are written: over the random rule sets of status_case's own tests."""

import json
import math
import secrets
import subprocess
import sys
from datetime import datetime

from conftest import ROOT

sys.path.insert(0, str(ROOT / "tests/duckdb"))
import status_cases  # noqa: E402  (it lies with the tests of the function)

RULE_SETS = 300
ROWS = 12


def as_json(value):
    if isinstance(value, datetime):
        return value.isoformat() + "Z"
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON has no such numbers.
    return [as_json(item) for item in value] if isinstance(value, list) else value


def test_the_truth_of_a_rule_does_not_depend_on_where_it_stands():
    seed = secrets.randbits(32)
    texts = [rules.rules for rules in status_cases.rule_sets(seed, RULE_SETS)]
    rows = [{name: as_json(value) for name, value in row.items()} for row in status_cases.rows(seed, ROWS)]
    command = ["node", ROOT / "tests/playground/rule_truths.mjs", ROOT]
    finished = subprocess.run(command, input=json.dumps({"texts": texts, "rows": rows}), capture_output=True, text=True)
    assert finished.returncode == 0, f"seed {seed}: {finished.stderr}"
    judged = seen = 0
    for text, answers in zip(texts, json.loads(finished.stdout), strict=True):
        for answer in answers or []:
            if "refused" in answer:
                continue
            where = f"seed {seed}: {text}\n{answer}"
            truths = answer["truths"]
            first = truths.index(True) if True in truths else None
            assert answer["decided"] == (None if first is None else first + 1), where
            assert answer["earlier"] == truths[:first], where
            assert answer["status"] == answer["given"][len(truths) if first is None else first], where
            judged += 1
            seen += len(truths)
    assert judged > RULE_SETS * ROWS / 4 and seen > judged, f"seed {seed}: too few rule sets were taken"
