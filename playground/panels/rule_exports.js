// Rules as what one takes away: the variables of the dbt package, a call per warehouse, the native CASE.

import { statuses } from "./rule_text.js";
import { dialect, yamlScalar, yamlText } from "./sql.js";

/** The variables of the dbt package: the rules, and all statuses that they can give, which its tests ask for. */
export function dbtVariables(rules, pieces) {
  const given = statuses(pieces).map(yamlScalar).join(", ");
  return `vars:\n  plg_status_rules: ${yamlText(rules, 4)}\n  plg_statuses: [${given}]\n`;
}

/** A model of dbt with the warehouse's own CASE, by the macro of the dbt package. */
export function dbtNativeCase(rules) {
  const text = /%}|{%|{{|}}|{#/.test(rules)
    ? `{% set rules = ${JSON.stringify(rules)} %}`
    : `{% set rules %}\n${rules.trim()}\n{% endset %}`;
  return `${text}

select
    *,
    {{ plg.status_case_sql(rules) }} as status
from {{ ref('your_facts') }}
`;
}

/** A cell's value in SQL, with its type where the warehouse would take another one. */
function cell(sql, type, value) {
  if (type === "list") return value === null ? "NULL" : sql.list(value.map((item) => cell(sql, itemType(value), item)).join(", "));
  if (value === null) return sql.missing(type);
  if (type === "number") return `CAST(${sql.number(value)} AS ${sql.types.number})`;
  return sql[type](value);
}

function itemType(list) {
  return list.some((item) => typeof item === "number") ? "number" : "text";
}

function factsTable(sql, columns, rows) {
  const selects = rows.map((facts, index) => {
    const values = columns.map(({ name, type }) => {
      const value = cell(sql, type, facts[name]);
      return index === 0 || sql.warehouse !== "bigquery" ? `${value} AS ${sql.column(name)}` : value;
    });
    return `  SELECT ${[`${index + 1} AS row_id`, ...values].join(", ")}`;
  });
  return `WITH facts AS (\n${selects.join(" UNION ALL\n")}\n)`;
}

/** status_case over the rows of the table, which a table of one's own takes the place of. */
export function statusCall(warehouse, { rules, columns, asOf }, rows) {
  const sql = dialect(warehouse);
  const fields = columns.map(({ name }) => [name, sql.column(name)]);
  return `-- Put your own table in the place of these rows.
${factsTable(sql, columns, rows)}
SELECT
  row_id,
  ${sql.name("status_case")}(
    ${sql.object(fields)},
    ${sql.text(rules)},
    ${sql.timestamp(asOf)}
  ) AS status
FROM facts
ORDER BY row_id;
`;
}

/** The native CASE of the same rules on DuckDB, where it is the text itself. */
export function nativeCase({ columns, asOf }, pieces, rows) {
  const sql = dialect("duckdb");
  const lines = pieces.rules.map((rule) => `    ${rule.text}\n`).join("");
  const last = pieces.otherwise === null ? "null" : sql.text(pieces.otherwise);
  return `-- Put your own table in the place of these rows. Numbers must be DOUBLE, times TIMESTAMP in UTC.
${factsTable(sql, columns, rows)}
SELECT
  row_id,
  case
${lines}    else ${last}
  end AS status
FROM (SELECT *, ${sql.timestamp(asOf)} AS as_of FROM facts)
ORDER BY row_id;
`;
}

