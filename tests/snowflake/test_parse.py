"""Two parsers read every statement, and every SQL body."""

import re

import pytest
import sqlglot
from snowflake import parse_with_sqlfluff, parse_with_sqlglot, statements

SCRIPTS = ["install", "uninstall", "grants", "cleanup", "verify"]

# sqlglot passes these on without reading them; sqlfluff and the tests of their insides read them.
UNREAD_BY_SQLGLOT = re.compile(r"EXECUTE IMMEDIATE|GRANT USAGE ON (ALL|FUTURE) ")


@pytest.mark.parametrize("name", SCRIPTS)
def test_sqlglot_reads_every_statement(script, name):
    for statement in statements(script(name)):
        if not UNREAD_BY_SQLGLOT.match(statement):
            parse_with_sqlglot(statement)


@pytest.mark.parametrize("name", SCRIPTS)
def test_sqlfluff_reads_every_statement(script, name):
    assert parse_with_sqlfluff(script(name)) == len(statements(script(name)))


def test_both_read_the_bodies_of_public_functions(public):
    for function in public:
        parse_with_sqlglot(f"SELECT {function.body}")
        assert parse_with_sqlfluff(f"SELECT {function.body};\n") == 1


def test_a_broken_wrapper_is_found(public):
    body = next(function.body for function in public if "TRANSFORM" in function.body)
    with pytest.raises(sqlglot.errors.ParseError):
        parse_with_sqlglot(f"SELECT {body.replace('IS_OBJECT(element)', 'IS_OBJECT(element', 1)}")
    with pytest.raises(ValueError):
        parse_with_sqlfluff(f"SELECT {body.replace('WHEN', 'WHAT', 1)};\n")


def test_a_broken_statement_far_inside_a_long_script_is_found(install):
    assert len(install) > 20_000
    with pytest.raises(ValueError):
        parse_with_sqlfluff(install.replace("CREATE OR REPLACE FUNCTION version()", "CREATE OR FUNCTION version("))
