// Bare V8: contexts with nothing but the language, in Node's vm and in isolated-vm.
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { harness, untag } from "./conventions.mjs";

const nodeModules = process.env.PLG_NODE_MODULES;
if (!nodeModules) throw new Error("PLG_NODE_MODULES is not set: run `cargo xtask test --only sandbox`");
const ivm = createRequire(import.meta.url)(path.join(nodeModules, "isolated-vm"));

// `before` runs first and may change the globals, as a test needs it.
const program = ({ parameters, body }, before) =>
  `${before}\n(${harness})(function (${parameters.join(", ")}) {${body}\n})`;

function node(body, before = "") {
  const context = vm.createContext({});
  return vm.runInContext(program(body, before), context);
}

function isolate(body, before = "") {
  const context = new ivm.Isolate({ memoryLimit: 512 }).createContextSync();
  const call = context.evalSync(program(body, before), { reference: true });
  return (text) => call.applySync(undefined, [text], { result: { copy: true } });
}

export const engines = { "Node's vm": node, "isolated-vm": isolate };

// Calls the body with every argument list in turn, in one context that survives.
export function callKept(engine, body, calls, before) {
  return JSON.parse(engines[engine](body, before)(JSON.stringify(calls))).map(untag);
}

// The same, each in a context of its own.
export function callFresh(engine, body, calls, before) {
  return calls.flatMap((call) => callKept(engine, body, [call], before));
}
