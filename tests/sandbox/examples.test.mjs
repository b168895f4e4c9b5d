// Every example of the catalogue, in every body, engine and way of keeping contexts.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answers, answersFresh, engines } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { bodies, catalogue, warehouses } from "./install.mjs";

function expected(example) {
  if (example.error) return { error: example.error };
  if (example.result_json) return { value: JSON.parse(example.result_json) };
  return { value: example.result ?? null };
}

for (const warehouse of warehouses) {
  const installed = bodies(warehouse);
  for (const engine of Object.keys(engines)) {
    for (const [survival, called] of [
      ["survive", answers],
      ["do not survive", answersFresh],
    ]) {
      describe(`${warehouse} in ${engine}, where globals ${survival}`, () => {
        for (const entry of catalogue.functions) {
          test(`${entry.name} gives what its examples promise`, () => {
            const calls = entry.examples.map((example) =>
              encode(entry, catalogue.documents, example.arguments, warehouse),
            );
            const results = called(engine, installed.get(entry.name), calls);
            entry.examples.forEach((example, index) =>
              assert.deepEqual(results[index], expected(example), example.title),
            );
          });
        }
      });
    }
  }
}

describe("snowflake", () => {
  const installed = bodies("snowflake");
  for (const entry of catalogue.functions.filter((candidate) =>
    candidate.arguments.some(({ type }) => type === "structs"),
  )) {
    test(`${entry.name} reads keys in upper case`, () => {
      const options = { keys: (name) => name.toUpperCase() };
      const calls = entry.examples.map((example) =>
        encode(entry, catalogue.documents, example.arguments, "snowflake", options),
      );
      const results = answers("isolated-vm", installed.get(entry.name), calls);
      entry.examples.forEach((example, index) => assert.deepEqual(results[index], expected(example), example.title));
    });
  }
});

for (const warehouse of warehouses) {
  for (const entry of catalogue.functions.filter((candidate) =>
    candidate.arguments.some(({ type, fields = [] }) => [{ type }, ...fields].some(({ type }) => type === "facts")),
  )) {
    test(`${entry.name} on ${warehouse} takes facts as objects as well`, () => {
      const calls = entry.examples.map((example) =>
        encode(entry, catalogue.documents, example.arguments, warehouse, { objects: true }),
      );
      const results = answers("isolated-vm", bodies(warehouse).get(entry.name), calls);
      entry.examples.forEach((example, index) => assert.deepEqual(results[index], expected(example), example.title));
    });
  }
}
