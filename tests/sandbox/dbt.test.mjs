// The bodies as dbt's own functions: what stands between the delimiters of dbt's statement, under the argument names that
// it declares, with neither STRICT nor RETURNS NULL ON NULL INPUT around it. tests/dbt/test_functions.py holds dbt's
// statements to this form.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { answers } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { cases, catalogue, warehouses } from "./install.mjs";

const folder = (warehouse) => path.join(process.env.PLG_DIST, "dbt_functions", warehouse);

// How many random cases: all of them run in parity.test.mjs, with the same bodies.
const SAMPLE = 200;

const result = (given) => {
  if (given.error) return { error: given.error };
  return { value: given.result_json ? JSON.parse(given.result_json) : (given.result ?? null) };
};

// Function name -> argument names of its body, as functions.yml has them.
function declared(warehouse) {
  const entries = readFileSync(path.join(folder(warehouse), "functions.yml"), "utf8").split(/^ {2}- name: /m).slice(1);
  return new Map(
    entries.map((entry) => [
      entry.split("\n", 1)[0].replace(/_body$/, () => " "),
      [...entry.matchAll(/^ {6}- \{name: (\w+),/gm)].map(([, name]) => name),
    ]),
  );
}

// What a body sees as its parameters: Snowflake keeps quoted names and folds others to upper case; BigQuery keeps all.
const modes = {
  snowflake: { "quoted names": (name) => name, "unquoted names": (name) => name.toUpperCase() },
  bigquery: { "names as they are": (name) => name },
};

for (const warehouse of warehouses) {
  const names = declared(warehouse);
  for (const [mode, seen] of Object.entries(modes[warehouse])) {
    describe(`dbt on ${warehouse}, ${mode}`, () => {
      for (const entry of catalogue.functions) {
        const body = {
          parameters: names.get(`${entry.name} `).map(seen),
          body: `\n${readFileSync(path.join(folder(warehouse), `${entry.name}_body.js`), "utf8")}\n    `,
        };
        const call = (list) =>
          answers(
            "isolated-vm",
            body,
            list.map((given) => encode(entry, catalogue.documents, given, warehouse)),
          );

        test(`${entry.name} gives what its examples promise`, () => {
          const results = call(entry.examples.map((example) => example.arguments));
          entry.examples.forEach((example, index) => assert.deepEqual(results[index], result(example), example.title));
        });

        test(`${entry.name} is NULL where an argument is that must not be`, () => {
          const required = entry.arguments.filter((argument) => !argument.nullable);
          assert.ok(required.length > 0 || entry.arguments.every((argument) => argument.nullable));
          const lists = entry.examples.flatMap((example) =>
            required.map(({ name }) => ({ ...example.arguments, [name]: null })),
          );
          call(lists).forEach((answer, index) => assert.deepEqual(answer, { value: null }, JSON.stringify(lists[index])));
        });

        test(`${entry.name} takes NULL in the others, and all of them at once`, () => {
          const optional = entry.arguments.filter((argument) => argument.nullable).map(({ name }) => name);
          const lists = [{}];
          for (const example of entry.examples) {
            if (example.error) continue;
            lists.push(...optional.map((name) => ({ ...example.arguments, [name]: null })));
          }
          for (const answer of call(lists)) assert.ok(!("error" in answer) || answer.error.startsWith("plg."), answer.error);
        });

        test(`${entry.name} answers ${SAMPLE} random cases as native Rust does`, () => {
          const random = cases(entry.name).slice(0, SAMPLE);
          assert.equal(random.length, SAMPLE);
          const results = call(random.map((given) => given.arguments));
          random.forEach((given, index) => assert.deepEqual(results[index], result(given)));
        });
      }
    });
  }
}
