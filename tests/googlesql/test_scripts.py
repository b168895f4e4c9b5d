"""uninstall.sql, cleanup.sql and grants.sql."""

import re

import zetasql.types as z
from conftest import DATASET


def leftovers(installed, script, name):
    """Analyses the query of a script's loop, and returns its text."""
    [loop] = [text for text in script(name) if "FOR leftover IN" in text]
    query = re.search(r"FOR leftover IN \((.*)\)\nDO\n", loop, re.DOTALL)[1]
    installed.analyse(query.replace(f"`{DATASET}`.INFORMATION_SCHEMA.ROUTINES", "ROUTINES"))
    action = re.search(r"\nDO\n(.*)\nEND FOR", loop, re.DOTALL)[1]
    assert "routine_type IN ('FUNCTION', 'AGGREGATE FUNCTION')" in query
    name = "STRUCT('decay_exp__0123456789' AS routine_name)"
    expression = re.search(r"EXECUTE IMMEDIATE (.*);", action)[1]
    [[statement]] = installed.evaluate(f"SELECT {expression.replace('leftover', name)}")
    assert isinstance(installed.analyse(statement), z.ResolvedDropFunctionStmt)
    assert statement == f"DROP FUNCTION IF EXISTS `{DATASET}.decay_exp__0123456789`"
    return query


def pattern(query):
    return re.compile(re.search(r"routine_name, r'(.*)'\)", query)[1])


def test_uninstall_drops_every_public_function(installed, script):
    statements = [text for text in script("uninstall") if "FOR leftover IN" not in text]
    analysed = [installed.analyse(text) for text in statements]
    assert all(isinstance(statement, z.ResolvedDropFunctionStmt) and statement.is_if_exists for statement in analysed)
    assert sorted(".".join(statement.name_path) for statement in analysed) == sorted(
        name for name in installed.created if "__" not in name
    )


def test_uninstall_drops_the_private_functions_of_every_version(installed, script):
    query = leftovers(installed, script, "uninstall")
    assert "NOT IN" not in query
    for name, created in installed.created.items():
        name = name.removeprefix(f"{DATASET}.")
        if "__" in name:
            assert pattern(query).search(name)
            # What is not JavaScript is named.
            prefixes = re.findall(r"STARTS_WITH\(routine_name, '(\w+)'\)", query)
            assert created.language == "js" or name.startswith(tuple(prefixes))
    assert pattern(query).search("decay_exp__0123456789")


def test_cleanup_keeps_the_current_private_functions_and_all_public_ones(installed, script):
    query = leftovers(installed, script, "cleanup")
    kept = re.findall(r"'([a-z_]+__[0-9a-f]+)'", query)
    assert sorted(f"{DATASET}.{name}" for name in kept) == sorted(name for name in installed.created if "__" in name)
    for name in (name for name in installed.created if "__" not in name):
        assert not pattern(query).search(name.removeprefix(f"{DATASET}."))


def test_grants_let_a_group_read_the_dataset(installed, script):
    [grant] = [installed.analyse(text) for text in script("grants")]
    assert isinstance(grant, z.ResolvedGrantStmt)
    assert [privilege.action_type for privilege in grant.privilege_list] == ["roles/bigquery.dataViewer"]
    assert ".".join(grant.name_path) == DATASET
