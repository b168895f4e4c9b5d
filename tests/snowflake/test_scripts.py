"""uninstall.sql, cleanup.sql and grants.sql, and what an upgrade leaves behind."""

import re
import tomllib

import pytest
from conftest import ROOT
from snowflake import parse_with_sqlglot, statements, table_functions


def block(script):
    [text] = [text for text in statements(script) if text.startswith("EXECUTE IMMEDIATE")]
    return text


def pattern(text):
    """REGEXP_LIKE matches the whole name."""
    return re.compile(re.search(r"REGEXP_LIKE\(function_name, '(.*)'\)", text)[1])


def signature(function):
    return f"{function.name}({', '.join(function.types)})"


def test_uninstall_drops_every_public_signature(script, public, install):
    dropped = re.findall(r"^DROP FUNCTION IF EXISTS (.*);$", script("uninstall"), re.MULTILINE)
    assert sorted(dropped) == sorted(signature(function) for function in [*public, *table_functions(install)])


@pytest.mark.parametrize("name", ["cleanup", "uninstall"])
def test_private_functions_are_recognised_by_their_names(script, name, private, public):
    names = pattern(block(script(name)))
    assert all(names.fullmatch(function.name.upper()) for function in private)
    assert not any(names.fullmatch(function.name.upper()) for function in public)
    assert "function_language = 'JAVASCRIPT'" in block(script(name))
    assert "function_schema = CURRENT_SCHEMA()" in block(script(name))


def test_uninstall_spares_no_private_function(script):
    assert "NOT IN" not in block(script("uninstall"))


def test_cleanup_spares_the_current_private_functions_only(script, private):
    spared = re.findall(r"'([A-Z_]+__[0-9A-F]+)'", block(script("cleanup")))
    assert sorted(spared) == sorted(function.name.upper() for function in private)


@pytest.mark.parametrize(
    ("signature", "types"),
    [
        ("(POINTS FLOAT, AGE_DAYS FLOAT, TAU_DAYS FLOAT)", "(FLOAT, FLOAT, FLOAT)"),
        ("(EVENTS ARRAY, ROLE VARCHAR, MODEL VARCHAR, AS_OF FLOAT)", "(ARRAY, VARCHAR, VARCHAR, FLOAT)"),
        ("(FLOAT, VARCHAR)", "(FLOAT, VARCHAR)"),
        ("()", "()"),
    ],
)
@pytest.mark.parametrize("name", ["cleanup", "uninstall"])
def test_a_signature_becomes_what_drop_function_takes(script, name, signature, types):
    call = r"REGEXP_REPLACE\(leftover\.argument_signature, '(.*)', '(.*)'\)"
    expression, replacement = re.search(call, block(script(name))).groups()
    # A backslash is written twice inside a literal.
    assert re.sub(expression, replacement.replace("\\\\", "\\"), signature) == types


@pytest.mark.parametrize("name", ["cleanup", "uninstall"])
def test_the_query_of_the_block_is_sql(script, name):
    query = re.search(r"CURSOR FOR\n(.*?);\nBEGIN", block(script(name)), re.DOTALL)[1]
    parse_with_sqlglot(query)


def test_every_script_works_in_the_schema_that_it_names(script):
    for name in ["install", "uninstall", "cleanup", "verify"]:
        assert "USE SCHEMA plg;" in script(name), name


def test_grants_cover_the_functions_of_later_versions(script):
    grants = statements(script("grants"))
    assert [grant.split(" TO ROLE ")[1] for grant in grants] == ["YOUR_ROLE"] * len(grants)
    objects = [re.match(r"GRANT USAGE ON (.*) TO ROLE", grant)[1] for grant in grants]
    assert objects[:2] == ["DATABASE YOUR_DATABASE", "SCHEMA plg"]
    assert objects[2:] == ["ALL FUNCTIONS IN SCHEMA plg", "FUTURE FUNCTIONS IN SCHEMA plg"]


def test_no_current_signature_is_listed_as_obsolete(public):
    obsolete = tomllib.loads((ROOT / "sql/obsolete.toml").read_text())
    assert sorted(obsolete) == ["bigquery", "duckdb", "snowflake"]
    assert not set(obsolete["snowflake"]) & {signature(function) for function in public}
    names = {function.name for function in public}
    assert not (set(obsolete["bigquery"]) | set(obsolete["duckdb"])) & names


def test_obsolete_signatures_are_dropped_after_everything_is_created(install):
    obsolete = tomllib.loads((ROOT / "sql/obsolete.toml").read_text())["snowflake"]
    dropped = [text for text in statements(install) if text.startswith("DROP")]
    assert dropped == [f"DROP FUNCTION IF EXISTS {text}" for text in obsolete]
    assert statements(install)[len(statements(install)) - len(dropped) :] == dropped
