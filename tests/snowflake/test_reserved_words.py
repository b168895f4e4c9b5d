"""No argument and no field needs quotes in Snowflake or DuckDB."""

import duckdb
import pytest

# Snowflake, "Reserved & limited keywords": all words that cannot be an unquoted identifier, a column's name or a scalar
# expression.
SNOWFLAKE = set(
    """
    account all alter and any as between by case cast check column connect connection constraint create cross
    current current_date current_time current_timestamp current_user database delete distinct drop else exists false
    following for from full grant group gscluster having ilike in increment inner insert intersect into is issue
    join lateral left like localtime localtimestamp minus natural not null of on or order organization qualify
    regexp revoke right rlike row rows sample schema select set some start table tablesample then to trigger true
    try_cast union unique update using values view when whenever where with
    """.split()
)


@pytest.fixture(scope="module")
def names(catalogue):
    def below(node):
        if isinstance(node, dict):
            if "name" in node:
                yield node["name"]
            for key, value in node.items():
                if key != "examples":
                    yield from below(value)
        elif isinstance(node, list):
            for item in node:
                yield from below(item)

    found = set(below(list(catalogue.values())))
    assert {"events", "occurred_at", "canonical_id", "over_cap", "score_events"} <= found
    return found


def test_no_name_is_reserved_in_snowflake(names):
    assert not names & SNOWFLAKE


def test_no_name_is_reserved_in_duckdb(names):
    rows = duckdb.sql("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'").fetchall()
    reserved = {name for [name] in rows}
    assert {"order", "select"} <= reserved
    assert not names & reserved


def test_no_name_needs_quotes_in_duckdb(names):
    for name in names:
        duckdb.sql(f"SELECT {name}, row.{name} FROM (SELECT 1 AS {name}) AS row")


@pytest.mark.parametrize("word", ["order", "left", "at"])
def test_a_reserved_word_would_be_found(word):
    with pytest.raises(duckdb.Error):
        duckdb.sql(f"SELECT {word}, row.{word} FROM (SELECT 1 AS {word}) AS row")
