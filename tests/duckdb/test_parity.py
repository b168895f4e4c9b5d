"""The random cases of dist/parity: thousands of rows at once, bit for bit what native Rust answers."""

import json

import pytest
import sql
from conftest import DIST, FUNCTIONS, message_of


def stored(kind):
    """How a JSON file holds a type: timestamps as microseconds."""
    return sql.type_name(kind).replace("TIMESTAMP", "BIGINT")


def converted(argument, column):
    """A column of a JSON file as the argument's type."""
    match argument["type"]:
        case "timestamp":
            return f"make_timestamp({column})"
        case "structs":
            fields = (f"{field['name']} := {converted(field, 'e.' + field['name'])}" for field in argument["fields"])
            element = f"CASE WHEN e IS NOT NULL THEN struct_pack({', '.join(fields)}) END"
            return f"list_transform({column}, lambda e: {element})"
        case _:
            return column


def load_cases(connection, function, file):
    """The table `cases` with a column per argument, `native` and `error`, in the order of the file."""
    arguments = function["arguments"]
    fields = sql.columns(arguments).replace("TIMESTAMP", "BIGINT")
    columns = {"arguments": f"STRUCT({fields})", "result": sql.type_name(function["result"]), "error": "VARCHAR"}
    values = ", ".join(f"{converted(a, 'arguments.' + a['name'])} AS {a['name']}" for a in arguments)
    connection.execute(f"""
        CREATE TABLE cases AS
        SELECT row_number() OVER () AS number, {values}, result AS native, error
        FROM read_json('{file}', format = 'newline_delimited', columns = {columns}, maximum_object_size = 100000000)
    """)


def call(function):
    return f"plg_{function['name']}({', '.join(argument['name'] for argument in function['arguments'])})"


def differences(connection, function):
    """The cases in which the extension answers something else. Text tells 0 from -0, and every double from its neighbour."""
    return connection.execute(f"""
        SELECT number, native, got
        FROM (SELECT number, native, {call(function)} AS got FROM cases WHERE error IS NULL)
        WHERE CAST(to_json(got) AS VARCHAR) IS DISTINCT FROM CAST(to_json(native) AS VARCHAR)
        LIMIT 3
    """).fetchall()


@pytest.fixture(params=sorted(FUNCTIONS))
def function(request, connection, catalogue):
    load_cases(connection, catalogue[request.param], DIST / "parity" / f"{request.param}.jsonl")
    return catalogue[request.param]


def test_results_are_those_of_native_rust_bit_for_bit(connection, function):
    assert connection.execute("SELECT count(*) FROM cases").fetchone()[0] == 10_000
    assert differences(connection, function) == []


def test_errors_are_those_of_native_rust_word_for_word(connection, function):
    failing = connection.execute("SELECT number, error FROM cases WHERE error IS NOT NULL").fetchall()
    query = f"SELECT {call(function)} FROM cases WHERE number = ?"
    for number, error in failing:
        assert message_of(lambda: connection.execute(query, [number]).fetchall()) == error, f"case {number}"


def test_errors_are_null_through_try_and_other_rows_unharmed(connection, function):
    harmed = connection.execute(f"""
        SELECT number, native, got
        FROM (SELECT number, native, TRY({call(function)}) AS got FROM cases)
        WHERE CAST(to_json(got) AS VARCHAR) IS DISTINCT FROM CAST(to_json(native) AS VARCHAR)
        LIMIT 3
    """).fetchall()
    assert harmed == []


def test_facts_as_a_struct_give_what_facts_as_json_give(connection, catalogue, tmp_path):
    cases = [json.loads(line) for line in (DIST / "parity" / "status_case.jsonl").read_text().splitlines()]
    cases = [case for case in cases if "error" not in case and isinstance(case["arguments"].get("facts"), dict)]
    types = {}
    for case in cases:
        # A STRUCT's fields are found without regard to case, and no two may differ in nothing else.
        facts = case["arguments"]["facts"] = {name.lower(): value for name, value in case["arguments"]["facts"].items()}
        for name, value in facts.items():
            if (kind := fact_type(name, value)) is not None:
                types.setdefault(name, set()).add(kind)
    cases = [case for case in cases if all(len(types.get(name, "1")) == 1 for name in case["arguments"]["facts"])]
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(case) + "\n" for case in cases))
    function = catalogue["status_case"]
    fields = {name: kinds.pop() for name, kinds in types.items() if len(kinds) == 1}
    struct = "STRUCT(" + ", ".join(f'"{name}" {kind}' for name, kind in fields.items()) + ")"
    load_cases(connection, function, file)
    connection.execute(f"ALTER TABLE cases ALTER facts TYPE {struct} USING json_transform(facts, '{json.dumps(fields)}')")
    assert len(cases) > 3_000
    assert differences(connection, function) == []


def fact_type(name, value):
    """The type of a value; None where it does not tell."""
    if value is None:
        return None
    if isinstance(value, list):
        elements = {fact_type("", element) for element in value if element is not None}
        return f"{elements.pop()}[]" if len(elements) == 1 else None
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, str):
        return "TIMESTAMP" if name.endswith("_at") else "VARCHAR"
    return "DOUBLE"
