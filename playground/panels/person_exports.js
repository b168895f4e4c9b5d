// Guardrails and links as what one takes away: the variable of the dbt package, a call per warehouse.

import { sides } from "./persons.js";
import { dialect, yamlText } from "./sql.js";

/** The variable of the dbt package. Shared identifiers are a source of their own there, not a setting. */
export function dbtVariables(settings, shared) {
  const source = "  # Shared identifiers are rows of the source shared_identifiers (identifier_type, identifier):\n";
  const rows = shared.map((key) => `  #   ${JSON.stringify(key)}\n`).join("");
  return `vars:\n  plg_guardrails: ${yamlText(settings, 4)}\n${rows ? source + rows : ""}`;
}

const TIMES = new Set(["first_seen", "last_seen", "minted_at"]);

function row(sql, fields) {
  return sql.struct(
    fields.map(([name, value]) => {
      if (value === null) return [name, sql.missing(TIMES.has(name) ? "timestamp" : "text")];
      if (typeof value === "number") return [name, sql.number(value)];
      return [name, TIMES.has(name) ? sql.timestamp(value) : sql.text(value)];
    }),
  );
}

function list(sql, rows) {
  const lines = rows.map((fields) => `\n    ${row(sql, Object.entries(fields))}`).join(",");
  return sql.warehouse === "snowflake" ? `ARRAY_CONSTRUCT(${lines}\n  )` : `[${lines}\n  ]`;
}

/** A list without rows still has a type. */
function emptyList(sql, fields) {
  const typed = fields.map((name) => `${name} ${sql.type(TIMES.has(name) ? "timestamp" : "text")}`).join(", ");
  return {
    duckdb: `CAST([] AS STRUCT(${typed})[])`,
    snowflake: "ARRAY_CONSTRUCT()",
    bigquery: `CAST([] AS ARRAY<STRUCT<${typed}>>)`,
  }[sql.warehouse];
}

const LINK = ["left_type", "left_value", "right_type", "right_value", "first_seen", "last_seen"];
const LEDGER = ["canonical_id", "founder_type", "founder_value", "minted_at"];

/** identity_resolve over the links of the page. */
export function resolveCall(warehouse, { links, settings, shared, ledger, asOf }) {
  const sql = dialect(warehouse);
  const rows = sides(links, shared);
  // Where nobody is shared the call is shorter without the flags.
  const flagged = rows.some((link) => link.left_shared || link.right_shared);
  const written = rows.map(({ left_shared, right_shared, ...link }) => (flagged ? { ...link, left_shared, right_shared } : link));
  const given = ledger.map((entry) => Object.fromEntries(LEDGER.map((name) => [name, entry[name]])));
  return `SELECT ${sql.fn("identity_resolve")}(
  ${written.length ? list(sql, written) : emptyList(sql, LINK)},
  ${given.length ? list(sql, given) : emptyList(sql, LEDGER)},
  ${sql.document(settings)},
  ${sql.timestamp(asOf)}
) AS persons;
`;
}
