"""The aggregate identity_components, as BigQuery's analyser reads it."""

import re

import pytest
import zetasql.types as z
from conftest import DATASET
from googlesql import ZetaSQLError
from zetasql.api import TableBuilder

CALL = f"`{DATASET}.identity_components`(id_a, id_b)"


@pytest.fixture(scope="module")
def parts(of_aggregates):
    """The public aggregate and the JavaScript behind it."""
    own = {name: created for name, created in of_aggregates.items() if name.startswith(f"{DATASET}.identity_components")}
    [public] = [name for name in own if "__" not in name]
    # Without points in time, nothing stands between the two.
    [javascript] = [name for name in own if name != public]
    return own[public], own[javascript]


@pytest.fixture(scope="module")
def links(installed):
    """The installation with a table of links."""
    table = TableBuilder("links")
    for name, kind in {"part": "INT64", "id_a": "STRING", "id_b": "STRING", "number": "INT64"}.items():
        table.add_column(name, getattr(z.TypeKind, f"TYPE_{kind}"))
    installed.tables.append(table.build())
    yield installed
    installed.tables.pop()


def test_it_is_an_aggregate_in_sql_over_one_in_javascript(parts):
    public, javascript = parts
    assert [part.is_aggregate for part in parts] == [True, True]
    assert [part.language.lower() for part in parts] == ["sql", "js"]
    assert re.findall(r"`([^`]+)`\(", public.code) == [".".join(javascript.name_path)]


def test_both_arguments_are_aggregated(parts):
    for part in parts:
        assert part.argument_name_list == ["id_a", "id_b"]
        assert not any(argument.options and argument.options.is_not_aggregate for argument in part.signature.argument)


def test_javascript_takes_texts_and_makes_a_list_of_texts(script, parts):
    name = ".".join(parts[1].name_path)
    statement = next(text for text in script("install") if f"FUNCTION `{name}`" in text)
    signature = statement[: statement.index("LANGUAGE js")]
    assert "(id_a STRING, id_b STRING)" in signature
    assert "RETURNS ARRAY<STRUCT<identifier STRING, canonical_id STRING>>" in signature


def test_links_are_merged_per_part(links):
    links.analyse(f"SELECT part, {CALL} AS components FROM links GROUP BY part")


def test_its_rows_can_be_read_and_merged_again(links):
    links.analyse(f"""
        SELECT merged.identifier, merged.canonical_id
        FROM (
          SELECT `{DATASET}.identity_components`(row.identifier, row.canonical_id) AS components
          FROM (SELECT part, {CALL} AS given FROM links GROUP BY part), UNNEST(given) AS row
        ), UNNEST(components) AS merged
    """)


@pytest.mark.parametrize("given", ["id_a", "id_b"])
def test_identifiers_that_are_no_text_need_a_cast(links, given):
    with pytest.raises(ZetaSQLError, match="No matching signature"):
        links.analyse(f"SELECT {CALL.replace(given, 'number')} FROM links")
    links.analyse(f"SELECT {CALL.replace(given, 'CAST(number AS STRING)')} FROM links")
