// Bare V8: contexts with nothing but the language, in Node's vm and in isolated-vm.
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { harness, untag } from "./conventions.mjs";

const nodeModules = process.env.PLG_NODE_MODULES;
if (!nodeModules) throw new Error("PLG_NODE_MODULES is not set: run `cargo xtask test --only sandbox`");
const ivm = createRequire(import.meta.url)(path.join(nodeModules, "isolated-vm"));

// From a program, which is a function of a text, to the function, run within `use`.
//
// An isolate is disposed of as soon as it was used. Left to the garbage collector, it would be torn down inside the
// collector: there it waits for its compiler threads, which wait for the collector's lock, for ever.
export const engines = {
  "Node's vm": (program, use) => use(vm.runInContext(program, vm.createContext({}))),
  "isolated-vm": (program, use) => inIsolate((isolate) => {
    const call = isolate.createContextSync().evalSync(program, { reference: true });
    return use((text) => call.applySync(undefined, [text], { result: { copy: true } }));
  }),
};

export function inIsolate(use) {
  const isolate = new ivm.Isolate({ memoryLimit: 1024 });
  try {
    return use(isolate);
  } finally {
    isolate.dispose();
  }
}

// How many calls cross into a context at once.
const BATCH = 500;

// Calls a body in a context of its own with each list of arguments: `{ value }` or `{ error }` each. `before` runs first
// and may change the globals.
export function answers(engine, { parameters, body }, calls, before = "") {
  const program = `${before}\n(${harness})(function (${parameters.join(", ")}) {${body}\n})`;
  return engines[engine](program, (call) => {
    const results = [];
    for (let start = 0; start < calls.length; start += BATCH) {
      results.push(...JSON.parse(call(JSON.stringify(calls.slice(start, start + BATCH)))).map(untag));
    }
    return results;
  });
}

// Every call in a context of its own, where nothing survives.
export function answersFresh(engine, body, calls) {
  return calls.flatMap((given) => answers(engine, body, [given]));
}
