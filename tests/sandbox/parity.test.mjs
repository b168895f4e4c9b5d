// 10,000 random cases per function, bit for bit what native Rust answers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { answers, answersFresh, engines } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { bodies, cases, catalogue, warehouses } from "./install.mjs";

// A context takes milliseconds to make, so where none survives a sample must do.
const FRESH = 40;

const expected = ({ error, result }) => (error === undefined ? { value: result } : { error });

// The cases of all functions together are a gigabyte: those of one function are held at a time.
let held = { key: "" };
function prepared(entry, warehouse) {
  const key = `${entry.name} ${warehouse}`;
  if (held.key !== key) {
    const random = held.name === entry.name ? held.random : cases(entry.name);
    const encoded = random.map((given) => encode(entry, catalogue.documents, given.arguments, warehouse));
    held = { key, name: entry.name, random, encoded };
  }
  return held;
}

function check(result, given) {
  if (isDeepStrictEqual(result, expected(given))) return;
  assert.deepEqual(result, expected(given), JSON.stringify(given.arguments));
}

for (const entry of catalogue.functions) {
  describe(entry.name, () => {
    for (const warehouse of warehouses) {
      const body = bodies(warehouse).get(entry.name);
      for (const engine of Object.keys(engines)) {
        test(`answers 10,000 random cases as native Rust does, on ${warehouse} in ${engine}`, () => {
          const { random, encoded } = prepared(entry, warehouse);
          assert.ok(random.length >= 10000);
          const results = answers(engine, body, encoded);
          assert.equal(results.length, random.length);
          random.forEach((given, index) => check(results[index], given));
        });

        test(`answers the same where nothing survives between rows, on ${warehouse} in ${engine}`, () => {
          const { random, encoded } = prepared(entry, warehouse);
          const results = answersFresh(engine, body, encoded.slice(0, FRESH));
          assert.equal(results.length, FRESH);
          results.forEach((result, index) => check(result, random[index]));
        });
      }
    }
  });
}
