"""From the catalogue's types and JSON values to DuckDB's SQL."""

import json


def text(value):
    return "'" + value.replace("'", "''") + "'"


def type_name(kind):
    """The SQL type of an argument, a field or a result."""
    match kind["type"]:
        case "double" | "integer":
            return "DOUBLE"
        case "boolean":
            return "BOOLEAN"
        case "timestamp":
            return "TIMESTAMP"
        case "doubles":
            return "DOUBLE[]"
        case "structs":
            return f"STRUCT({columns(kind['fields'])})[]"
        case "struct":
            return f"STRUCT({columns(kind['fields'])})"
        case "list":
            return f"{type_name(kind['element'])}[]"
        case "facts":
            return "JSON"
        case _:
            return "VARCHAR"


def columns(fields):
    return ", ".join(f'"{field["name"]}" {type_name(field)}' for field in fields)


def literal(kind, value):
    """A value as SQL, typed as a table's column would be."""
    if value is None:
        return f"CAST(NULL AS {type_name(kind)})"
    match kind["type"]:
        case "double" | "integer":
            return f"CAST('{value!r}' AS DOUBLE)" if not isinstance(value, str) else f"CAST('{value}' AS DOUBLE)"
        case "timestamp":
            return f"TIMESTAMP {text(value)}"
        case "doubles":
            return f"CAST([{', '.join(literal({'type': 'double'}, element) for element in value)}] AS DOUBLE[])"
        case "structs":
            elements = ", ".join(struct(kind["fields"], element) for element in value)
            return f"CAST([{elements}] AS {type_name(kind)})"
        case "facts":
            return text(value if isinstance(value, str) else json.dumps(value))
        case _:
            return text(value)


def struct(fields, value):
    if value is None:
        return "NULL"
    return "{" + ", ".join(f"{text(field['name'])}: {literal(field, value.get(field['name']))}" for field in fields) + "}"


def call(function, arguments, documents):
    """The extension's function called with an example's arguments."""
    values = []
    for argument in function["arguments"]:
        value = arguments.get(argument["name"])
        if argument["type"] == "document":
            value = documents.get(value, value)
        values.append(literal(argument, value))
    return f"plg_{function['name']}({', '.join(values)})"
