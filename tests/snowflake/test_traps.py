"""What Snowflake and its clients do differently from what one expects. Each rule is held against the generated script,
and must find the fault in a script that has it."""

import re

import pytest
from snowflake import functions, statements

MAX_BODY_BYTES = 32_768
TIMESTAMPS = ["TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "DATE"]


def texts_that_clients_expand(script):
    """snow sql, SnowSQL and dbt replace these before Snowflake sees them."""
    return [text for text in ["&", "{{", "{%", "<%"] if text in script]


def dollars_beyond_body_quotes(script):
    """$$ ends a body wherever it stands."""
    quotes = re.findall(r"\$\$(?:.*?)\$\$", script, re.DOTALL)
    outside = re.sub(r"\$\$(?:.*?)\$\$", "", script, flags=re.DOTALL)
    openings = len(re.findall(r"^(?:AS|EXECUTE IMMEDIATE) \$\$", script, re.MULTILINE))
    return [] if "$$" not in outside and openings == len(quotes) else [(openings, len(quotes))]


def grants_that_get_lost(script):
    """COPY GRANTS stands between the argument list and RETURNS."""
    return [function.name for function in functions(script) if not function.clauses.startswith("COPY GRANTS\nRETURNS ")]


def types_that_javascript_refuses(script):
    """JavaScript functions know no integers, no dates and no timestamps we could use."""
    known = {"FLOAT", "VARCHAR", "BOOLEAN", "ARRAY", "OBJECT", "VARIANT"}
    return [
        (function.name, kind)
        for function in functions(script)
        if function.javascript
        for kind in [*function.types, function.returns]
        if kind not in known
    ]


def subqueries_over_arguments(script):
    """A FLATTEN over an argument fails when the argument is a column."""
    return [f.name for f in functions(script) if not f.javascript and re.search(r"\b(FLATTEN|SELECT|FROM)\b", f.body)]


def private_calls_that_are_not_one(script):
    """A wrapper names its private function once: each further time runs it again."""
    found = functions(script)
    private = [function.name for function in found if function.private]
    faults = []
    for function in found:
        if not function.private and function.name != "version":
            named = [name for name in private for _ in range(function.body.count(f"{name}("))]
            own = [name for name in named if name.rsplit("__", 1)[0] == function.name]
            if len(named) != 1 or own != named:
                faults.append(function.name)
    return faults


def javascript_that_is_public(script):
    return [function.name for function in functions(script) if function.javascript != function.private]


def bodies_that_are_too_large(script):
    return [f.name for f in functions(script) if len(f.body.encode()) > MAX_BODY_BYTES]


def functions_that_may_run_again(script):
    """Without IMMUTABLE Snowflake may not fold or cache calls."""
    return [function.name for function in functions(script) if "\nIMMUTABLE\n" not in function.clauses]


def zones_of_the_session(script):
    """Nothing may depend on the session's time zone."""
    return re.findall(r"CONVERT_TIMEZONE|CURRENT_\w+|::TIMESTAMP\b|::TIMESTAMP_LTZ|::TIMESTAMP_TZ", script)


def names_of_schemas(script):
    """Only CREATE SCHEMA and USE SCHEMA name the schema, so that an administrator changes two words."""
    outside = [re.sub(r"'[^']*'|\$\$.*\$\$", "", text, flags=re.DOTALL) for text in statements(script)[2:]]
    inside = [function.body for function in functions(script) if not function.javascript]
    return [text for text in outside + inside if re.search(r"\bplg\.", text)]


# A rule, and what brings in its fault: a pattern in the script, and what stands there instead.
FAULTS = [
    (texts_that_clients_expand, r"AS \$\$\n", r"AS $$ a && b\n"),
    (texts_that_clients_expand, r"COMMENT = '", r"COMMENT = '{{ x }}"),
    (dollars_beyond_body_quotes, r"IMMUTABLE\n", r"IMMUTABLE\n-- costs $$\n"),
    (grants_that_get_lost, r"COPY GRANTS\nRETURNS FLOAT", r"RETURNS FLOAT\nCOPY GRANTS"),
    (grants_that_get_lost, r"COPY GRANTS\n", r""),
    (types_that_javascript_refuses, r"\(points FLOAT", r"(points NUMBER"),
    (types_that_javascript_refuses, r"as_of FLOAT\)", r"as_of TIMESTAMP_NTZ)"),
    (subqueries_over_arguments, r"TRANSFORM\(", r"(SELECT ARRAY_AGG(value) FROM TABLE(FLATTEN("),
    (private_calls_that_are_not_one, r"(\n  (decay_exp__\w+)\(\n    points)", r"\1 + \2(1, 1, 1)"),
    (private_calls_that_are_not_one, r"\n  decay_exp__(\w+)\(", r"\n  decay_linear__\1("),
    (javascript_that_is_public, r"FUNCTION decay_exp__", r"FUNCTION decay_exp_"),
    (bodies_that_are_too_large, r"AS \$\$", r"AS $$" + " " * MAX_BODY_BYTES),
    (functions_that_may_run_again, r"IMMUTABLE\n", r"VOLATILE\n"),
    (zones_of_the_session, r"AS_DATE\(", r"CONVERT_TIMEZONE('UTC', "),
    (names_of_schemas, r"CREATE OR REPLACE FUNCTION version", r"DROP FUNCTION plg.old(FLOAT);\n\n\g<0>"),
]


@pytest.mark.parametrize("rule", dict.fromkeys(rule for rule, _, _ in FAULTS), ids=lambda rule: rule.__name__)
def test_the_script_has_no(install, rule):
    assert rule(install) == []


@pytest.mark.parametrize(("rule", "pattern", "fault"), FAULTS)
def test_a_fault_would_be_found(install, rule, pattern, fault):
    broken = re.sub(pattern, fault, install)
    assert broken != install
    assert rule(broken) != []


@pytest.mark.parametrize("name", ["uninstall", "grants", "cleanup", "verify"])
def test_no_other_script_is_changed_by_clients(script, name):
    assert texts_that_clients_expand(script(name)) == []
    assert dollars_beyond_body_quotes(script(name)) == []


def test_privates_come_first(installed):
    order = [function.private for function in installed]
    assert order == sorted(order, reverse=True)


def test_every_function_of_the_catalogue_is_there_with_one_private_function(public, private, catalogue):
    assert {function.name for function in public} == {*catalogue, "version"}
    names = [function.name.rsplit("__", 1)[0] for function in private if not function.name.startswith("verify_")]
    assert sorted(names) == sorted(catalogue)


def test_names_and_order_of_arguments_are_the_catalogues(installed, catalogue):
    for function in installed:
        entry = catalogue.get(function.name.rsplit("__", 1)[0])
        if entry:
            assert [name for name, _ in function.arguments] == [argument["name"] for argument in entry["arguments"]]


def test_every_kind_of_time_has_its_overload_and_nothing_else_has_any(public, catalogue):
    for name, entry in catalogue.items():
        overloads = [function for function in public if function.name == name]
        at = [index for index, argument in enumerate(entry["arguments"]) if argument["type"] == "timestamp"]
        assert [[overload.types[index] for index in at] for overload in overloads] == (
            [[kind] * len(at) for kind in TIMESTAMPS] if at else [[]]
        )


def test_epochs_are_microseconds_of_the_overloads_own_type(public):
    for function in public:
        for name, kind in function.arguments:
            if kind in TIMESTAMPS:
                value = f"{name}::TIMESTAMP_NTZ" if kind == "DATE" else name
                assert f"DATE_PART(EPOCH_MICROSECOND, {value})::FLOAT" in function.body


def test_lists_with_timestamps_are_rebuilt_with_keys_in_both_cases(public, catalogue):
    for name, entry in catalogue.items():
        for argument in entry["arguments"]:
            if argument["type"] != "structs" or all(field["type"] != "timestamp" for field in argument["fields"]):
                continue
            for overload in (function for function in public if function.name == name):
                assert f"TRANSFORM({argument['name']}, element -> " in overload.body
                for field in argument["fields"]:
                    lower, upper = field["name"], field["name"].upper()
                    assert f"COALESCE(GET(element, '{lower}'), GET(element, '{upper}'))" in overload.body
                for kind in TIMESTAMPS:
                    branch = rf"WHEN '{kind}' THEN TO_VARIANT\(\s*DATE_PART\(EPOCH_MICROSECOND, AS_{kind}\("
                    assert re.search(branch, overload.body)


def test_null_facts_are_sql_null(public, catalogue):
    for name, entry in catalogue.items():
        for argument in entry["arguments"]:
            if argument["type"] == "facts":
                for overload in (function for function in public if function.name == name):
                    assert f"NULLIF(TO_JSON({argument['name']}), 'null')" in overload.body


def test_a_private_function_is_strict_unless_an_argument_may_be_null(private, catalogue):
    for function in private:
        entry = catalogue.get(function.name.rsplit("__", 1)[0])
        if entry:
            nullable = any(argument.get("nullable") for argument in entry["arguments"])
            assert ("\nSTRICT\n" in function.clauses) != nullable, function.name


def test_whole_numbers_are_integers_in_sql(public, catalogue):
    for function in public:
        if function.name in catalogue and catalogue[function.name]["result"]["type"] == "integer":
            assert function.returns == "INTEGER" and function.body.rstrip().endswith("::INTEGER")


def test_private_names_change_with_their_bodies(private):
    assert all(re.fullmatch(r"[a-z_]+__[0-9a-f]{10}", function.name) for function in private)
    assert len({function.body for function in private}) == len({function.name for function in private})
