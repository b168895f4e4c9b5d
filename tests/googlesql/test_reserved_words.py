"""No argument and no field needs quotes in BigQuery: the parser itself judges."""

import pytest
from googlesql import Installation, ZetaSQLError


def names(node):
    """All names of arguments and fields below a piece of the catalogue."""
    if isinstance(node, dict):
        if "name" in node and "examples" not in node:
            yield node["name"]
        for key, value in node.items():
            if key != "examples":
                yield from names(value)
    elif isinstance(node, list):
        for item in node:
            yield from names(item)


def use(name):
    return f"SELECT {name}, row.{name} FROM (SELECT 1 AS {name}) AS row"


def test_no_name_is_reserved(catalogue):
    installation = Installation()
    found = set(names(list(catalogue.values())))
    assert {"events", "occurred_at", "canonical_id", "over_cap"} <= found
    for name in found:
        installation.analyse(use(name))


@pytest.mark.parametrize("word", ["left", "at", "order", "hash"])
def test_a_reserved_word_would_be_found(word):
    with pytest.raises(ZetaSQLError):
        Installation().analyse(use(word))
