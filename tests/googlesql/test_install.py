"""install.sql, as BigQuery's analyser reads it."""

import re

import pytest
from conftest import DATASET, SCRIPTS
from googlesql import Installation, ZetaSQLError, is_templated


def test_the_analyser_is_as_strict_as_bigquery():
    with pytest.raises(ZetaSQLError, match="Equality is not defined for arguments of type ARRAY<INT64>"):
        Installation().analyse("SELECT [1] = [1]")


def test_every_function_of_the_catalogue_is_installed_with_a_private_one_behind_it(public, private, catalogue):
    assert sorted(public) == sorted(f"{DATASET}.{name}" for name in [*catalogue, "version"])
    assert sorted(name.rsplit("__", 1)[0] for name in private) == sorted(f"{DATASET}.{name}" for name in catalogue)


def test_the_parts_that_can_be_sent_at_once_are_the_whole_script(script):
    parts = sorted(path.stem for path in SCRIPTS.glob("install_*.sql"))
    assert parts == [f"install_{number}" for number in range(1, len(parts) + 1)]
    assert max((SCRIPTS / f"{part}.sql").stat().st_size for part in parts) < 1_000_000

    def bare(name):
        """The statements of a script without the comments before them."""
        return [re.sub(r"\A(\s*--[^\n]*\n|\s+)*", "", text).rstrip("; \n") for text in script(name)]

    assert [text for part in parts for text in bare(part)] == [text for text in bare("install") if text]


def test_private_functions_come_before_public_ones(installed):
    order = ["__" in name for name in installed.created]
    assert order == sorted(order, reverse=True)


def test_public_functions_call_their_private_function_once_and_fully_qualified(public, private, catalogue):
    for name in catalogue:
        code = public[f"{DATASET}.{name}"].code
        called = re.findall(r"`([^`]+)`\(", code)
        assert len(called) == 1, name
        assert called[0] in private and called[0].startswith(f"{DATASET}.{name}__"), name


def test_private_functions_are_deterministic_javascript(script, private):
    for name, created in private.items():
        assert created.language == "js", name
        statement = next(text for text in script("install") if f"FUNCTION `{name}`" in text)
        assert re.search(r"\nDETERMINISTIC\nLANGUAGE js\nOPTIONS ", statement), name


def test_javascript_takes_no_type_that_bigquery_refuses(script, private):
    for name in private:
        statement = next(text for text in script("install") if f"FUNCTION `{name}`" in text)
        signature = statement[: statement.index("DETERMINISTIC")]
        assert not re.search(r"\b(INT64|NUMERIC|DATE|DATETIME|TIMESTAMP|ANY TYPE)\b", signature), name


def test_every_function_is_described(installed):
    for name, created in installed.created.items():
        assert [option.name for option in created.option_list] == ["description"], name


def test_names_and_order_of_arguments_are_the_catalogues(public, private, catalogue):
    for name, function in catalogue.items():
        arguments = [argument["name"] for argument in function["arguments"]]
        assert public[f"{DATASET}.{name}"].argument_name_list == arguments
        behind = next(created for path, created in private.items() if path.startswith(f"{DATASET}.{name}__"))
        assert behind.argument_name_list == arguments


def test_lists_facts_and_timestamps_are_of_any_type(public, catalogue):
    generic = {"doubles", "structs", "facts", "timestamp"}
    for name, function in catalogue.items():
        expected = any(argument["type"] in generic for argument in function["arguments"])
        assert is_templated(public[f"{DATASET}.{name}"]) == expected, name


def test_the_schema_is_created_first_and_where_it_says(script):
    first = script("install")[0]
    assert f"CREATE SCHEMA IF NOT EXISTS `{DATASET}`" in first and "location = 'US'" in first


def test_a_wrapper_that_passes_an_integer_to_javascript_does_not_analyse(installed, script):
    statement = next(text for text in script("install") if f"`{DATASET}.identity_merge`" in text)
    with pytest.raises(ZetaSQLError):
        broken = Installation(installed.tables)
        broken.functions = dict(installed.functions)
        broken.run(statement.replace("CAST(element.id_a AS STRING)", "1"))
        broken.analyse(f"SELECT `{DATASET}.identity_merge`([STRUCT('a' AS id_a, 'b' AS id_b)])")


def test_a_call_of_a_private_function_that_is_not_there_does_not_analyse(installed, script):
    statement = next(text for text in script("install") if f"`{DATASET}.decay_exp`" in text)
    with pytest.raises(ZetaSQLError, match="Function not found"):
        installed.analyse(re.sub(r"decay_exp__[0-9a-f]+", "decay_exp__000000000000", statement))
