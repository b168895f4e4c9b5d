// Bare V8: contexts with nothing but the language, in Node's vm and in isolated-vm.
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { harness, untag } from "./conventions.mjs";

const nodeModules = process.env.PLG_NODE_MODULES;
if (!nodeModules) throw new Error("PLG_NODE_MODULES is not set: run `cargo xtask test --only sandbox`");
const ivm = createRequire(import.meta.url)(path.join(nodeModules, "isolated-vm"));

export const engines = {
  "Node's vm": (program) => vm.runInContext(program, vm.createContext({})),
  "isolated-vm": (program) => {
    const context = new ivm.Isolate({ memoryLimit: 1024 }).createContextSync();
    const call = context.evalSync(program, { reference: true });
    return (text) => call.applySync(undefined, [text], { result: { copy: true } });
  },
};

// How many calls cross into a context at once.
const BATCH = 500;

// A context of its own in which a body can be called: from lists of arguments to `{ value }` or `{ error }` each.
// `before` runs first and may change the globals.
export function open(engine, { parameters, body }, before = "") {
  const program = `${before}\n(${harness})(function (${parameters.join(", ")}) {${body}\n})`;
  const call = engines[engine](program);
  return (calls) => {
    const results = [];
    for (let start = 0; start < calls.length; start += BATCH) {
      results.push(...JSON.parse(call(JSON.stringify(calls.slice(start, start + BATCH)))).map(untag));
    }
    return results;
  };
}

// Every call in a context of its own, where nothing survives.
export function openFresh(engine, body, before) {
  return (calls) => calls.flatMap((given) => open(engine, body, before)([given]));
}
