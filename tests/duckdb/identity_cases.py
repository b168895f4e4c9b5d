"""Links and ledgers as the tests write them, and how DuckDB is asked about them."""

import json

from journey_reference import iso, microseconds

DAY = 86_400_000_000
START = microseconds("2026-01-01T00:00:00Z")
LINK = {
    "left_type": "VARCHAR",
    "left_value": "VARCHAR",
    "right_type": "VARCHAR",
    "right_value": "VARCHAR",
    "first_seen": "TIMESTAMP",
    "last_seen": "TIMESTAMP",
    "left_links": "DOUBLE",
    "right_links": "DOUBLE",
    "left_shared": "DOUBLE",
    "right_shared": "DOUBLE",
}
ENTRY = {"canonical_id": "VARCHAR", "founder_type": "VARCHAR", "founder_value": "VARCHAR", "minted_at": "TIMESTAMP"}

LONGEST_LINE = 64 << 20


def answers(connection, folder, cases):
    """What the extension answers to links, ledger, settings and as_of."""
    file = folder / "cases.jsonl"
    with file.open("w") as lines:
        for number, (links, ledger, document, as_of) in enumerate(cases):
            case = {
                "links": [link | {name: iso(link[name]) for name in ("first_seen", "last_seen")} for link in links],
                "ledger": [row | {"minted_at": iso(row["minted_at"])} for row in ledger],
                "settings": json.dumps(document),
                "as_of": iso(as_of),
            }
            lines.write(json.dumps(case | {"number": number}) + "\n")

    def structs(fields):
        return f"STRUCT({', '.join(f'{name} {kind}' for name, kind in fields.items())})[]"

    columns = {
        "number": "BIGINT",
        "links": structs(LINK),
        "ledger": structs(ENTRY),
        "settings": "VARCHAR",
        "as_of": "TIMESTAMP",
    }
    rows = connection.execute(f"""
        SELECT to_json(plg_identity_resolve(links, ledger, settings, as_of))
        FROM read_json('{file}', format = 'newline_delimited', columns = {columns}, maximum_object_size = {LONGEST_LINE})
        ORDER BY number
    """).fetchall()
    return [json.loads(text) for (text,) in rows]
