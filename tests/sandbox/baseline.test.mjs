// The benchmarks' hand-written baselines compute what ours compute, on the benchmarks' own rows.
import assert from "node:assert/strict";
import { test } from "node:test";
import { baseline, benchmarks } from "../bench/inputs.mjs";
import { answers } from "./contexts.mjs";
import { bodies } from "./install.mjs";

const ROWS = 500;

// Math.exp may differ from ours in the last bit, and so may what is rounded after it.
function close(ours, theirs, path) {
  if (typeof ours === "number" && typeof theirs === "number") {
    assert.ok(Math.abs(ours - theirs) <= 1e-8, `${path}: ${ours} and ${theirs}`);
  } else if (typeof ours === "object" && ours !== null && typeof theirs === "object" && theirs !== null) {
    assert.deepEqual(Object.keys(ours), Object.keys(theirs), path);
    for (const name of Object.keys(ours)) close(ours[name], theirs[name], `${path}.${name}`);
  } else assert.equal(ours, theirs, path);
}

for (const [name, benchmark] of Object.entries(benchmarks)) {
  test(`${name} compares two ways to the same result`, () => {
    const body = bodies("bigquery").get(benchmark.function);
    const hand = {
      parameters: body.parameters,
      body: `return (function () {${baseline(benchmark.function)}
        return ${benchmark.baseline};
      })()(${body.parameters.join(", ")});`,
    };
    const rows = benchmark.rows(ROWS);
    const [ours, theirs] = [body, hand].map((side) => answers("isolated-vm", side, rows));
    rows.forEach((_, index) => close(ours[index].value, theirs[index].value, `row ${index}`));
    assert.ok(new Set(ours.map((result) => JSON.stringify(result))).size > 5, "the rows hardly differ");
  });
}
