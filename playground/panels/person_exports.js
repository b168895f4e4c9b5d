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
const FLAGS = new Set(["left_shared", "right_shared"]);

/** A list of rows with these fields; one without rows still has a type. */
function list(sql, fields, rows) {
  const type = (name) => (TIMES.has(name) ? "timestamp" : FLAGS.has(name) ? "number" : "text");
  if (rows.length === 0) return sql.emptyRows(Object.fromEntries(fields.map((name) => [name, type(name)])), false);
  const value = (name, given) => (given === null || given === undefined ? sql.missing(type(name)) : sql[type(name)](given));
  const lines = rows.map((row) => `\n    ${sql.object(fields.map((name) => [name, value(name, row[name])]))}`);
  return sql.list(`${lines.join(",")}\n  `);
}

const LINK = ["left_type", "left_value", "right_type", "right_value", "first_seen", "last_seen"];
const LEDGER = ["canonical_id", "founder_type", "founder_value", "minted_at"];

/** identity_resolve over the links of the page. */
export function resolveCall(warehouse, { links, settings, shared, ledger, asOf }) {
  const sql = dialect(warehouse);
  const rows = sides(links, shared);
  // Where nobody is shared the call is shorter without the flags.
  const flagged = rows.some((link) => link.left_shared || link.right_shared);
  return `SELECT ${sql.name("identity_resolve")}(
  ${list(sql, flagged ? [...LINK, ...FLAGS] : LINK, rows)},
  ${list(sql, LEDGER, ledger)},
  ${sql.text(settings)},
  ${sql.timestamp(asOf)}
) AS persons;
`;
}
