// The aggregate rollup_events in bare V8, against native Rust and a second implementation.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { answers, inBigQuery, inSnowflake, split, whole } from "./aggregates.mjs";
import { aggregateOf, cases, catalogue } from "./install.mjs";

const ARGUMENTS = ["user_id", "event", "occurred_at", "count"];
const bigquery = inBigQuery("rollup_events");
const snowflake = (fresh) => inSnowflake("rollup_events", fresh);

const listOf = ({ rows, model = null, as_of = null }) =>
  rows.map((row) => [...ARGUMENTS.map((name) => row[name] ?? null), model, as_of]);

const planOf = ({ arguments: given }) => whole(listOf(given));
const splitPlanOf = ({ arguments: given }, index) => split(listOf(given), index);

// A second implementation, from docs/semantics.md: one pass per question, integers as BigInt, texts as bytes.
function reference({ rows, model, as_of: asOf }) {
  if (rows.length === 0) return [];
  const read = JSON.parse(model);
  const bytes = (text) => Buffer.from(text, "utf8");
  const listed = [...new Set(read.events.map(({ event }) => event))].sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
  const oldest = asOf - (read.horizon_days ?? 365) * 86_400_000_000;
  const unknown = ["", "?", "??", "???"].find((name) => !listed.includes(name));
  const groups = new Map();
  for (const { user_id: user = null, event = null, occurred_at: time = null, count = 1 } of rows) {
    if (!(count >= 0) || !Number.isFinite(Number(count))) throw new Error("plg.rollup_events: count: must be a finite number >= 0");
    if (count > 2 ** 36) throw new Error("plg.rollup_events: count: must add up to at most 2^36 per user, event and day");
    const floor = BigInt(Math.floor(count * 65536));
    const rest = count * 65536 - Number(floor);
    const units = floor + (rest > 0.5 || (rest === 0.5 && floor % 2n === 1n) ? 1n : 0n);
    if (units === 0n) continue;
    let place;
    if (event === null) place = { name: "no event", user: null, event: null, last: asOf };
    else if (!listed.includes(event)) place = { name: "unknown", user: null, event: unknown, last: asOf };
    else if (time === null) place = { name: "no time", user: null, event: listed[0], last: null };
    else if (time > asOf) place = { name: "later", user: null, event: listed[0], last: asOf + 86_400_000_000 };
    else if (time < oldest) {
      place = { name: "older", user: null, event: listed[0], last: Math.trunc(oldest - 86_400_000_000) };
    } else {
      const [day, hour] = [86_400_000_000n, 3_600_000_000n].map((unit) => {
        const quotient = BigInt(time) / unit;
        return BigInt(time) % unit < 0n ? quotient - 1n : quotient;
      });
      place = { name: `day ${day}`, user, event, last: time, hour };
    }
    const key = JSON.stringify([place.name, place.user, place.event]);
    if (!groups.has(key)) groups.set(key, { ...place, units: 0n, hours: new Map() });
    const group = groups.get(key);
    group.units += units;
    if (place.hour !== undefined) {
      group.last = Math.max(group.last, time);
      group.hours.set(place.hour, (group.hours.get(place.hour) ?? 0n) + units);
    }
  }
  const order = (a, b) => {
    if (a === null || b === null) return (a === null ? 0 : 1) - (b === null ? 0 : 1);
    return typeof a === "string" ? Buffer.compare(bytes(a), bytes(b)) : a - b;
  };
  return [...groups.values()]
    .sort((a, b) => order(a.user, b.user) || order(a.event, b.event) || order(a.last, b.last))
    .map(({ user, event, last, units, hours }) => ({
      user_id: user,
      event,
      occurred_at: last,
      count: Number(units) / 65536,
      max_per_hour: Math.max(0, ...[...hours.values()].map(Number)) / 65536,
    }));
}

const groups = cases("rollup_events");
const expected = ({ error, result }) => (error === undefined ? { value: result } : { error });
const withText = ({ value, error }) =>
  error === undefined ? { value: value.map((row) => ({ ...row, occurred_at: iso(row.occurred_at) })) } : { error };

function iso(time) {
  if (time === null) return null;
  const second = Math.floor(time / 1e6);
  return `${new Date(second * 1000).toISOString().slice(0, 19)}.${String(time - second * 1e6).padStart(6, "0")}Z`;
}

describe("the random groups", () => {
  test("are many, and of all kinds", () => {
    assert.ok(groups.length >= 3000);
    assert.ok(groups.filter(({ error }) => error !== undefined).length >= 20);
    const rows = groups.flatMap(({ result }) => result ?? []);
    assert.ok(rows.filter((row) => row.max_per_hour === 0).length > 1000);
    assert.ok(rows.filter((row) => row.count > row.max_per_hour).length > 1000);
  });

  test("have the native rows that a second implementation gives", () => {
    for (const group of groups) {
      let got;
      try {
        got = { value: reference(group.arguments) };
      } catch (error) {
        got = { error: error.message };
      }
      assert.deepEqual(got, expected(group), JSON.stringify(group.arguments));
    }
  });
});

for (const [engine, within] of Object.entries(bigquery)) {
  describe(`BigQuery's aggregate in ${engine}`, () => {
    test("gives the native rows", () => {
      const got = within((call) => answers(call, groups.map(planOf)));
      groups.forEach((group, index) => assert.deepEqual(got[index], expected(group), JSON.stringify(group.arguments)));
    });

    test("gives the same bits in every order of aggregate, merge, serialize and deserialize", () => {
      const good = groups.filter(({ error }) => error === undefined);
      const got = within((call) => answers(call, good.map(splitPlanOf)));
      good.forEach((group, index) => assert.deepEqual(got[index], expected(group), JSON.stringify(group.arguments)));
    });
  });
}

for (const fresh of [false, true]) {
  test(`Snowflake's table function gives the native rows, its object ${fresh ? "made anew" : "kept"}`, () => {
    const got = answers(snowflake(fresh), groups.map(planOf));
    groups.forEach((group, index) => assert.deepEqual(got[index], withText(expected(group)), JSON.stringify(group.arguments)));
  });
}

describe("what is documented", () => {
  const entry = aggregateOf("rollup_events");
  const micro = (text) => (text === undefined ? null : Date.parse(text.slice(0, 19) + "Z") * 1000 + Number((/\.(\d+)/.exec(text)?.[1] ?? "").padEnd(6, "0")));
  const given = ({ rows, model = null, as_of: asOf }) => ({
    rows: rows.map((row) => ({ ...row, occurred_at: micro(row.occurred_at) })),
    model: model?.startsWith("@") ? catalogue.documents[model.slice(1)] : model,
    as_of: micro(asOf),
  });
  const plans = entry.examples.map((example) => planOf({ arguments: given(example.arguments) }));
  const promised = entry.examples.map((example) =>
    example.error ? { error: example.error } : { value: example.result_json ? JSON.parse(example.result_json) : null },
  );

  test("is what Snowflake's table function gives", () => {
    const nothing = (answer) => (answer.value === undefined && answer.error === undefined ? { value: null } : answer);
    const got = JSON.parse(snowflake(true)(JSON.stringify(plans))).map(({ value, error }) =>
      error ? { error } : { value: value?.$ === "undefined" ? null : value },
    );
    assert.deepEqual(got.map(nothing), promised);
  });

  test("is what BigQuery's aggregate gives", () => {
    const got = bigquery["isolated-vm"]((call) => answers(call, plans));
    const text = ({ value, error }) => (error ? { error } : { value: value && withText({ value }).value });
    assert.deepEqual(got.map(text), promised);
  });
});

describe("model and as_of", () => {
  const row = (model, asOf) => ["u", "a", 0, 1, model, asOf];
  const run = (rows, parts, merges) => {
    const plan = { rows, parts, reads: parts.map(() => 1), merges };
    return bigquery["isolated-vm"]((call) => answers(call, [plan]))[0];
  };
  const models = ['{"events": [{"event": "a"}]}', '{"events": [{"event": "b"}]}', '{"events": [{"event": "a"}], "horizon_days": 365}'];

  test("that differ are an error, in one state and in two", () => {
    for (const [rows, name] of [
      [[row(models[0], 1), row(models[1], 1)], "model"],
      [[row(models[0], 1), row(models[0], 2)], "as_of"],
      [[row(models[0], 1), row(null, 1)], "model"],
      [[row(null, 1), row(models[0], 1)], "model"],
      [[row(models[0], 1), row(models[0], null)], "as_of"],
    ]) {
      const error = `plg.rollup_events: ${name}: must be the same in all rows of a group`;
      assert.deepEqual(run(rows, [[0, 1]], []), { error });
      assert.deepEqual(run(rows, [[0], [1]], [[0, 1]]), { error });
    }
  });

  test("may be written differently as long as horizon and events are the same", () => {
    const rows = [row(models[0], 1), row(models[2], 1)];
    const { value } = run(rows, [[0], [1]], [[0, 1]]);
    assert.equal(value[0].count, 2);
  });

  test("that are NULL in all rows give NULL, and no rows an empty list", () => {
    assert.deepEqual(run([row(null, 1), row(models[0], null)], [[0], [1]], [[0, 1]]), { value: null });
    assert.deepEqual(run([], [[], []], [[0, 1]]), { value: [] });
  });

  test("are named by their path when they cannot be read", () => {
    for (const [model, message] of [
      ["events:", "model: is not valid JSON"],
      ["[]", "model: must be an object"],
      ["{}", "model.events: is missing"],
      ['{"events": {}}', "model.events: must be an array"],
      ['{"events": [{"event": "a"}, 1]}', "model.events[1]: must be an object"],
      ['{"events": [{"event": "a"}, {}]}', "model.events[1].event: is missing"],
      ['{"events": [{"event": 1}]}', "model.events[0].event: must be a text"],
      ['{"events": [], "horizon_days": 0}', "model.horizon_days: must be > 0"],
      ['{"events": [], "horizon_days": "30"}', "model.horizon_days: must be a finite number"],
    ]) {
      assert.deepEqual(run([row(model, 1)], [[0]], []), { error: `plg.rollup_events: ${message}` });
    }
  });
});

test("a row holds up to 2^36 and not more, whatever the order", () => {
  const model = '{"events": [{"event": "a"}]}';
  const hour = 3_600_000_000;
  const rows = [2 ** 36, 2 ** -16].map((count, at) => ["u", "a", at * hour, count, model, 2 * hour]);
  const error = "plg.rollup_events: count: must add up to at most 2^36 per user, event and day";
  const plans = [
    [[[0]], []],
    [[[0, 1]], []],
    [[[1], [0]], [[0, 1]]],
  ].map(([parts, merges]) => ({ rows, parts, reads: parts.map(() => 1), merges }));
  const [most, ...beyond] = bigquery["isolated-vm"]((call) => answers(call, plans));
  assert.equal(most.value[0].count, 2 ** 36);
  assert.deepEqual(beyond, [{ error }, { error }]);
});
