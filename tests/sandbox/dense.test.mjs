// The runtime's decoder of dense modules against the modules, and on digits that somebody has changed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { bodies, catalogue, entryOf } from "./install.mjs";

const read = (...names) => readFileSync(path.join(process.env.PLG_ROOT, "udfs", "runtime", ...names), "utf8");
const dense = new Function(`${read("inflate.js")}\n${read("dense.js")}\nreturn dense;`)();

// What the installed bodies hand to the decoder, by family.
const packed = new Map();
for (const [name, { body }] of bodies("bigquery")) {
  const found = /\("([^"]{1000,})",(\d+),(\d+),(\d+)\)/.exec(body);
  if (found) packed.set(entryOf(name).family, [found[1], ...found.slice(2).map(Number)]);
}

test("there are dense bodies", () => {
  assert.ok(packed.size > 0);
  assert.ok(packed.size < new Set(catalogue.functions.map(({ family }) => family)).size, "small ones start faster");
});

for (const [family, [text, size, begin, end]] of packed) {
  test(`unpacks the module of ${family}`, () => {
    const module = readFileSync(path.join(process.env.PLG_DIST, "wasm", `${family}.wasm`));
    assert.equal(size, module.length);
    assert.equal(Buffer.compare(dense(text, size, begin, end), module), 0);
  });

  test(`comes to an end with a changed module of ${family}`, () => {
    const half = text.length >> 1;
    const changed = [
      text.slice(0, half),
      `${text.slice(0, half)}!${text.slice(half + 1)}`,
      `${text.slice(0, half)}\u{e9}${text.slice(half)}`,
      "",
      "~".repeat(text.length),
    ];
    for (const other of changed) assert.equal(dense(other, size, begin, end).length, size);
  });
}
