// The random cases of native Rust, bit for bit through the package's public functions.
import assert from "node:assert/strict";
import test from "node:test";
import { call, cases, catalogue } from "./package_under_test.mjs";

// JSON has no NaN and no infinities: the cases spell them out where a number belongs.
const number = (value) => (["NaN", "Infinity", "-Infinity"].includes(value) ? Number(value) : value);

function argument({ type, fields }, value) {
  if (type === "double") return number(value);
  if (type === "doubles") return value?.map(number);
  if (type !== "structs") return value;
  const doubles = fields.filter((field) => field.type === "double" && value !== undefined);
  for (const { name } of doubles) for (const element of value ?? []) if (name in element) element[name] = number(element[name]);
  return value;
}

function outcome(entry, given) {
  try {
    return { result: call(entry, given) };
  } catch (error) {
    return { error: error.message };
  }
}

// A document is compiled before there is a call whose other arguments could be NULL.
const nullComesFirst = (entry, given, { error }, expected) =>
  error !== undefined && expected.result === null && entry.arguments.some(({ name, nullable }) => !nullable && given[name] == null);

// All rows of facts among the arguments.
const factRows = (entry, given) =>
  entry.arguments.flatMap(({ name, type, fields = [] }) => {
    if (type === "facts") return [given[name]];
    const names = fields.filter((field) => field.type === "facts").map((field) => field.name);
    return names.flatMap((field) => (given[name] ?? []).map((element) => element?.[field]));
  });

// A number beyond 2^53 in an object may have been an integer: only JSON text can tell.
const mayBeRounded = (entry, given, { error }) =>
  error?.endsWith("is an integer beyond 2^53") &&
  factRows(entry, given).some((row) => Object.values(row ?? {}).some((fact) => Math.abs(fact) > 2 ** 53));

for (const entry of catalogue.functions) {
  test(`${entry.name} gives the bits of native Rust in 10,000 random cases`, () => {
    const all = cases(entry.name);
    assert.equal(all.length, 10_000);
    for (const { arguments: spelled, ...expected } of all) {
      const given = {};
      for (const parameter of entry.arguments) given[parameter.name] = argument(parameter, spelled[parameter.name]);
      const got = outcome(entry, given);
      if (nullComesFirst(entry, given, got, expected) || mayBeRounded(entry, given, got)) continue;
      // Object.is for every number: -0 is not 0.
      assert.deepStrictEqual(got, expected, JSON.stringify(spelled));
    }
  });
}
