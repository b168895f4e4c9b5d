// 10,000 random cases per function, bit for bit what native Rust answers.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { engines, open, openFresh } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { bodies, cases, catalogue, warehouses } from "./install.mjs";

// A context takes milliseconds to make, so where none survives a sample must do.
const FRESH = 40;

const expected = ({ error, result }) => (error === undefined ? { value: result } : { error });

for (const entry of catalogue.functions) {
  const random = cases(entry.name);
  describe(entry.name, () => {
    for (const warehouse of warehouses) {
      const body = bodies(warehouse).get(entry.name);
      const encoded = random.map((given) => encode(entry, catalogue.documents, given.arguments, warehouse));
      for (const engine of Object.keys(engines)) {
        test(`answers ${random.length} random cases as native Rust does, on ${warehouse} in ${engine}`, () => {
          assert.ok(random.length >= 10000);
          const results = open(engine, body)(encoded);
          random.forEach((given, index) =>
            assert.deepEqual(results[index], expected(given), JSON.stringify(given.arguments)),
          );
        });

        test(`answers the same where nothing survives between rows, on ${warehouse} in ${engine}`, () => {
          const results = openFresh(engine, body)(encoded.slice(0, FRESH));
          results.forEach((result, index) => assert.deepEqual(result, expected(random[index])));
        });
      }
    }
  });
}
