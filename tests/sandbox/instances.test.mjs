// What a body keeps between rows, and that a trap or exhausted memory costs one row only.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answers } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { bodies, catalogue, warehouses } from "./install.mjs";

// Makes the n-th call (from 1) of an export go wrong, and counts instances.
const sabotage = (name, at, how) => `
  globalThis.instances = 0;
  const RealInstance = WebAssembly.Instance;
  let calls = 0;
  WebAssembly.Instance = function (module) {
    globalThis.instances++;
    const real = new RealInstance(module).exports;
    const exports = { ...real };
    exports.${name} = (...given) => ++calls === ${at} ? (() => { ${how} })() : real.${name}(...given);
    return { exports };
  };`;

const TRAP = `throw new WebAssembly.RuntimeError("unreachable");`;
const CORRUPT = `new Uint8Array(real.memory.buffer).fill(255); return real[name](...given);`;

function rows(entry, warehouse, count) {
  const example = entry.examples.find(
    ({ arguments: given, error }) => !error && entry.arguments.every(({ name }) => given[name] !== undefined),
  );
  return new Array(count).fill(encode(entry, catalogue.documents, example.arguments, warehouse));
}

// A body that calls the given one as `value` and returns what `result` makes of it.
const around = ({ parameters, body }, before, result) => {
  const names = parameters.join(", ");
  const call = `(function (${names}) {${body}\n})(${names})`;
  return { parameters, body: `${before}\nconst value = ${call};\nreturn ${result};` };
};

for (const warehouse of warehouses) {
  const installed = bodies(warehouse);
  for (const entry of catalogue.functions) {
    const body = installed.get(entry.name);
    const call = (calls, before) => answers("isolated-vm", body, calls, before);
    const internal = { error: `plg.${entry.name}: internal error in the module` };
    const tooLarge = { error: `plg.${entry.name}: the arguments are too large` };

    describe(`${entry.name} on ${warehouse}`, () => {
      const calls = rows(entry, warehouse, 3);
      const [right] = call(calls.slice(0, 1));

      test("makes one instance for all rows", () => {
        const results = answers("isolated-vm", around(body, "", "[value, instances]"), calls, sabotage("abi", 0, ""));
        assert.deepEqual(
          results.map(({ value }) => value),
          new Array(3).fill([right.value, 1]),
        );
      });

      test("loses one row to a trap and answers the next from a new instance", () => {
        assert.deepEqual(call(calls, sabotage(entry.name, 2, TRAP)), [right, internal, right]);
      });

      test("loses one row to a module whose memory is corrupt", () => {
        const how = CORRUPT.replace("real[name]", `real.${entry.name}`);
        const [first, second, third] = call(calls, sabotage(entry.name, 2, how));
        assert.deepEqual([first, third], [right, right]);
        assert.ok(second.error?.startsWith("plg."), JSON.stringify(second));
      });

      test("loses one row to a memory that cannot grow", () => {
        assert.deepEqual(call(calls, sabotage("input", 1, "return 0;")), [tooLarge, right, right]);
      });

      const document = entry.arguments.find(({ type }) => type === "document");
      if (document) {
        test("loses one row to a trap while a document is compiled", () => {
          assert.deepEqual(call(calls, sabotage(`${entry.name}__${document.name}`, 1, TRAP)), [internal, right, right]);
        });

        test("compiles again after a document that was refused", () => {
          const index = entry.arguments.indexOf(document);
          const broken = calls[0].map((value, at) => (at === index ? "?" : value));
          const [first, second, third] = call([calls[0], broken, calls[0]]);
          assert.deepEqual([first, third], [right, right]);
          assert.ok(second.error.startsWith(`plg.${entry.name}: ${document.name}: `), second.error);
        });
      }

      test("works where globals cannot be added", () => {
        assert.deepEqual(call(calls, "Object.preventExtensions(globalThis);"), [right, right, right]);
      });

      test("works in an engine without globalThis", () => {
        assert.deepEqual(call(calls, "delete globalThis.globalThis;"), [right, right, right]);
      });

      test("leaves nothing behind but one global of its own", () => {
        const names = "Object.getOwnPropertyNames(globalThis)";
        const counted = around(body, `const knownNames = ${names};`, `${names}.filter((name) => !knownNames.includes(name))`);
        const [first, second] = answers("isolated-vm", counted, calls).map(({ value }) => value);
        assert.equal(first.length, 1);
        assert.match(first[0], new RegExp(`^plg_${entry.name}_[0-9a-f]{10}$`));
        assert.deepEqual(second, []);
      });
    });
  }
}
