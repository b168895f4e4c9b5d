// An aggregate in bare V8: BigQuery's module and Snowflake's table function, cut out of the install scripts, with rows in any
// order, split into states that are merged, stored and read again.
import assert from "node:assert/strict";
import vm from "node:vm";
import { inIsolate } from "./contexts.mjs";
import { untag } from "./conventions.mjs";
import { aggregateBody, aggregateOf } from "./install.mjs";

// Runs inside the context. A plan holds the rows of a group as lists of arguments, and how its states come about: each
// part's rows, which of them are stored and read again, and the pairs that are merged.
const harness = String(function run(text, plg) {
  const special = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
  const tag = (name, value) => {
    if (typeof value !== "number" || Number.isFinite(value)) return value === undefined ? { $: "undefined" } : value;
    return { $: String(value) };
  };
  // BigQuery stores primitives, lists and plain objects of them, and nothing else.
  const storable = (value) => {
    if (value === null || ["string", "number"].includes(typeof value)) return true;
    if (Array.isArray(value)) return value.every(storable);
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(storable);
  };
  const stored = (state) => {
    const packed = plg.serialize(state);
    if (!storable(packed)) throw new Error("BigQuery cannot store the state");
    return plg.deserialize(JSON.parse(JSON.stringify(packed)));
  };
  const answer = ({ rows, parts, reads, merges }) => {
    const states = parts.map((part, number) => {
      const state = plg.initialState();
      for (const row of part) {
        plg.aggregate(state, ...rows[row].map((value) => (Object.hasOwn(special, value) ? special[value] : value)));
      }
      let read = state;
      for (let times = reads[number]; times > 0; times--) read = stored(read);
      return read;
    });
    for (const [into, from] of merges) {
      plg.merge(states[into], states[from]);
      states.splice(from, 1);
    }
    return plg.finalize(states[0]);
  };
  return JSON.stringify(
    JSON.parse(text).map((plan) => {
      try {
        return { value: answer(plan) };
      } catch (error) {
        return { error: error.message };
      }
    }),
    tag,
  );
});

const STEPS = "{ initialState, aggregate, merge, finalize, serialize, deserialize }";

// Both engines: isolated-vm reads the module as one, Node's vm without its exports.
export function inBigQuery(name) {
  const body = aggregateBody("bigquery", name);
  return {
    "isolated-vm": (use) => inIsolate((isolate) => {
      const context = isolate.createContextSync();
      const module = isolate.compileModuleSync(
        `${body}\nglobalThis.answer = (text) => (${harness})(text, ${STEPS});`,
      );
      module.instantiateSync(context, () => assert.fail("the module imports something"));
      module.evaluateSync();
      const call = context.global.getSync("answer", { reference: true });
      return use((text) => call.applySync(undefined, [text], { result: { copy: true } }));
    }),
    "Node's vm": (use) => {
      const program = `${body.replaceAll(/^export /gm, "")}\n(text) => (${harness})(text, ${STEPS});`;
      return use(vm.runInContext(program, vm.createContext({})));
    },
  };
}

// The table function is called for each partition: `fresh` evaluates its object anew.
export function inSnowflake(name, fresh) {
  const { column, arguments: given, result } = aggregateOf(name);
  const upper = (columns) => JSON.stringify(columns.map((text) => text.toUpperCase()));
  const columns = column ? [column] : result.map((field) => field.name);
  const program = `(text) => {
    const open = () => (${aggregateBody("snowflake", name)});
    const names = ${upper(given.map((argument) => argument.name))};
    const columns = ${upper(columns)};
    let handler = open();
    return (${harness})(text, {
      initialState: () => {
        if (${fresh}) handler = open();
        handler.initialize({}, {});
        return handler;
      },
      aggregate: (state, ...given) => {
        const row = {};
        names.forEach((name, at) => (row[name] = given[at] === null ? undefined : given[at]));
        handler.processRow(row, {}, {});
      },
      finalize: () => {
        const written = [];
        handler.finalize({ writeRow: (row) => written.push(row) }, {});
        if (written.some((row) => Object.keys(row).join() !== columns.join())) throw new Error("other columns");
        if (!${column !== undefined && column !== null}) {
          const lower = (row) => Object.fromEntries(columns.map((name) => [name.toLowerCase(), row[name]]));
          return written.map(lower);
        }
        if (written.length !== 1) throw new Error("not one row");
        return written[0][columns[0]];
      },
    });
  }`;
  return (text) => vm.runInContext(program, vm.createContext({}))(text);
}

export function answers(call, plans) {
  return JSON.parse(call(JSON.stringify(plans))).map(untag);
}

// Deterministic, so that a failure can be repeated.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * below);
  };
}

// All rows, lists of arguments, in one state.
export function whole(rows) {
  return { rows, parts: [rows.map((_, index) => index)], reads: [0], merges: [] };
}

// The rows in another order, in up to five states, merged in another order, each stored and read up to two times.
export function split(rows, seed) {
  const below = random(seed + 1);
  const order = rows.map((_, row) => row);
  for (let at = order.length - 1; at > 0; at--) {
    const other = below(at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  const parts = Array.from({ length: 1 + below(5) }, () => []);
  order.forEach((row) => parts[below(parts.length)].push(row));
  // The last state goes into one before it, until the first is left; as the parts are random, so is the order.
  const merges = [];
  for (let left = parts.length; left > 1; left--) merges.push([below(left - 1), left - 1]);
  return { rows, parts, reads: parts.map(() => below(3)), merges };
}
