// An experiment as what one takes away: the variable of the dbt package, a call per warehouse.

import { dialect, yamlScalar } from "./sql.js";

/** How many units a call lists; beyond, it says so. */
export const MOST_UNITS = 1000;

/** The variable of the dbt package. */
export function dbtVariables(name, { seed, method, variants, coverage, namespace }) {
  const lines = [
    `method: ${method}`,
    `seed: ${yamlScalar(seed)}`,
    `variants: [${variants.map((variant) => yamlScalar(variant.name)).join(", ")}]`,
    `weights: [${variants.map((variant) => variant.weight).join(", ")}]`,
    `coverage: ${coverage}`,
  ];
  if (namespace) {
    lines.push(`namespace: ${yamlScalar(namespace.name)}`, `range: [${namespace.start}, ${namespace.end}]`);
  }
  return `vars:\n  plg_experiments:\n    ${yamlScalar(name)}:\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

function unitsTable(sql, units) {
  if (sql.warehouse === "bigquery") return `UNNEST([${units.map(sql.text).join(", ")}]) AS unit_id`;
  return `(VALUES ${units.map((unit) => `(${sql.text(unit)})`).join(", ")}) AS units(unit_id)`;
}

/** The variant of every unit, from 0; NULL for none. */
export function cohortCall(warehouse, { units, seed, method, variants, coverage, namespace }) {
  const sql = dialect(warehouse);
  const listed = units.slice(0, MOST_UNITS);
  const arguments_ = [
    "unit_id",
    sql.text(seed),
    sql.list(variants.map((variant) => sql.number(variant.weight)).join(", ")),
    sql.number(coverage),
    sql.missing("number"),
    sql.text(method),
  ].join(", ");
  const call = `${sql.name("cohort_rollout")}(${arguments_})`;
  const range = namespace ? `unit_id, ${sql.text(namespace.name)}, ${namespace.start}, ${namespace.end}` : "";
  const variant = namespace ? `CASE WHEN ${sql.name("cohort_in_namespace")}(${range})\n    THEN ${call}\n  END` : call;
  const some = listed.length < units.length ? `, the first ${MOST_UNITS} of ${units.length}` : "";
  return `-- Put your own table in the place of these units${some}.
SELECT
  unit_id,
  ${variant} AS variant_index
FROM ${unitsTable(sql, listed)};
`;
}
