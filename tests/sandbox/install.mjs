// What the tests read: the catalogue, the random cases with their native answers, and the JavaScript bodies, cut out of
// the generated install scripts as an administrator would run them.
import { readFileSync } from "node:fs";
import path from "node:path";

const dist = process.env.PLG_DIST;
if (!dist) throw new Error("PLG_DIST is not set: run `cargo xtask test --only sandbox`");

const read = (...names) => readFileSync(path.join(dist, ...names), "utf8");

export const warehouses = ["snowflake", "bigquery"];
export const catalogue = JSON.parse(read("javascript", "catalogue.json"));
export const functions = catalogue.functions.map((entry) => entry.name);
export const entryOf = (name) => catalogue.functions.find((entry) => entry.name === name);
export const aggregateOf = (name) => catalogue.aggregates.find((entry) => entry.name === name);

// The random cases of a function, from `cargo xtask dist`.
export function cases(name) {
  return read("parity", `${name}.jsonl`)
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

// A private function's name without its digits, its declaration, and its body.
const statements = {
  snowflake: [
    /^CREATE OR REPLACE FUNCTION (\w+)__[0-9a-f]+\((.*)\)\nCOPY GRANTS\nRETURNS .*\n/,
    /LANGUAGE JAVASCRIPT\n[^$]*AS \$\$([^]*?)\$\$;$/,
  ],
  bigquery: [
    /^CREATE OR REPLACE FUNCTION `[^`]*\.(\w+)__[0-9a-f]+`\((.*)\)\nRETURNS .*\nDETERMINISTIC\n/,
    /LANGUAGE js\n.*\nAS r"""([^]*?)""";$/,
  ],
};

// Names of the arguments in a declaration such as `EVENTS ARRAY, ROLE VARCHAR`; types have commas inside <>.
function parameters(declaration) {
  const names = [];
  let depth = 0;
  let current = "";
  for (const character of `${declaration},`) {
    if (character === "<") depth++;
    if (character === ">") depth--;
    if (character === "," && depth === 0) {
      if (current.trim() !== "") names.push(current.trim().split(" ")[0].replaceAll("`", ""));
      current = "";
    } else current += character;
  }
  return names;
}

// Function name -> { parameters, body } of a warehouse, for every function of the catalogue. Snowflake folds unquoted
// names to upper case.
export function bodies(warehouse) {
  const found = new Map();
  const statement = new RegExp(statements[warehouse].map((part) => part.source).join(""), "gm");
  for (const [, name, declaration, body] of read(warehouse, "install.sql").matchAll(statement)) {
    if (!functions.includes(name)) continue;
    const names = parameters(declaration);
    found.set(name, { parameters: warehouse === "snowflake" ? names.map((text) => text.toUpperCase()) : names, body });
  }
  const missing = functions.filter((name) => !found.has(name));
  if (missing.length > 0) throw new Error(`${warehouse}/install.sql has no body of ${missing.join(", ")}`);
  return found;
}

// The body of an aggregate of a warehouse.
export function aggregateBody(warehouse, name) {
  const statement = {
    snowflake: String.raw`^CREATE OR REPLACE FUNCTION ${name}\([^]*?\nRETURNS TABLE \([^)]*\)\n[^$]*AS \$\$([^]*?)\$\$;$`,
    bigquery: String.raw`^CREATE OR REPLACE AGGREGATE FUNCTION \x60[^\x60]*\.${name}__[0-9a-f]+\x60\([^]*?\nAS r"""([^]*?)""";$`,
  };
  const found = new RegExp(statement[warehouse], "m").exec(read(warehouse, "install.sql"));
  if (found === null) throw new Error(`${warehouse}/install.sql has no body of ${name}`);
  return found[1];
}
