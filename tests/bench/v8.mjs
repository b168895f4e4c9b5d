// Ours against hand-written JavaScript in a bare V8: node v8.mjs [--only NAME]. Prints an entry per benchmark as a line
// of JSON: { name, ours, baseline, ratio, unit, n }.
//
// Both sides get the same rows in the same isolate. Rows are copied into the isolate before each timed round, so that
// every row brings texts and objects that V8 has never seen, as a warehouse's do. The sides take turns; a ratio is the
// median of the rounds' ratios.
import { createRequire } from "node:module";
import path from "node:path";
import { encode } from "../sandbox/conventions.mjs";
import { bodies, catalogue } from "../sandbox/install.mjs";
import { baseline, benchmarks } from "./inputs.mjs";

const ivm = createRequire(import.meta.url)(path.join(process.env.PLG_NODE_MODULES, "isolated-vm"));
const only = process.argv[2] === "--only" ? process.argv[3] : "";

const ROUNDS = 301;
const WARM_UP_ROUNDS = 60;
const COLD_STARTS = 21;
// Rows that wait are copied by every collection of garbage, which whoever makes more of it would pay for. So a round
// has few of them, and lets go of each when its turn comes, as a warehouse does.
const MOST_ROWS = 200;
const ROUND_NANOSECONDS = 400000;

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

function timed(run) {
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start);
}

// Everything in one function: V8 runs code at the top level of a script twenty times slower.
const program = ({ parameters, body }, source, name) => `(function () {
  const ours = function (${parameters.join(", ")}) {${body}
  };
  const baseline = (function () {${source}
    return ${name};
  })();
  let rows;
  let last;
  return {
    prepare(given) {
      rows = given;
    },
    ours() {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i];
        rows[i] = null;
        last = ours(...row);
      }
    },
    baseline() {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i];
        rows[i] = null;
        last = baseline(...row);
      }
    },
  };
})()`;

function compare(name, { function: entry, baseline: baselineName, rows: make }, body) {
  const isolate = new ivm.Isolate({ memoryLimit: 512 });
  const sides = isolate.createContextSync().evalSync(program(body, baseline(entry), baselineName), { reference: true });
  const method = (key) => sides.getSync(key, { reference: true });
  const [prepare, ours, hand] = ["prepare", "ours", "baseline"].map(method);
  const round = (side, rows) => {
    prepare.applySync(undefined, [rows], { arguments: { copy: true } });
    return timed(() => side.applySync(undefined, [])) / rows.length;
  };
  const all = make(MOST_ROWS);
  const warm = Array.from({ length: WARM_UP_ROUNDS }, () => (round(ours, all), round(hand, all)));
  const rows = all.slice(0, Math.ceil(ROUND_NANOSECONDS / Math.min(...warm)));
  const times = { ours: [], hand: [], ratios: [] };
  for (let i = 0; i < ROUNDS; i++) {
    // Whoever is second meets warm caches, so the order changes from round to round.
    const first = i % 2 === 0 ? round(ours, rows) : 0;
    const second = round(hand, rows);
    const ourTime = i % 2 === 0 ? first : round(ours, rows);
    times.ours.push(ourTime);
    times.hand.push(second);
    times.ratios.push(ourTime / second);
  }
  // At once: an isolate that the garbage collector tears down can wait for its compiler threads for ever.
  isolate.dispose();
  return {
    name,
    ours: median(times.ours) / 1000,
    baseline: median(times.hand) / 1000,
    ratio: median(times.ratios),
    unit: "microseconds per row",
    n: rows.length * ROUNDS,
  };
}

// From the body's text to the first result, in an isolate of its own each time.
function coldStart(name, entry, body) {
  const example = entry.examples.find((candidate) => !candidate.error);
  const row = encode(entry, catalogue.documents, example.arguments, "bigquery");
  const source = `(function (${body.parameters.join(", ")}) {${body.body}\n})`;
  const times = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    const isolate = new ivm.Isolate();
    const context = isolate.createContextSync();
    const run = () => {
      const call = context.evalSync(source, { reference: true });
      call.applySync(undefined, row, { arguments: { copy: true }, result: { copy: true } });
    };
    times.push(timed(run) / 1e6);
    isolate.dispose();
  }
  return { name, ours: median(times), baseline: null, ratio: null, unit: "milliseconds", n: COLD_STARTS };
}

const print = (entry) => console.log(JSON.stringify(entry));
const installed = bodies("bigquery");
for (const [name, benchmark] of Object.entries(benchmarks)) {
  if (name.includes(only)) print(compare(name, benchmark, installed.get(benchmark.function)));
}
for (const entry of catalogue.functions) {
  const name = `v8_cold_start_${entry.name}`;
  if (name.includes(only)) print(coldStart(name, entry, installed.get(entry.name)));
}
