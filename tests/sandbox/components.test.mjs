// The aggregate identity_components in bare V8, against native identity_merge and a second implementation.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import vm from "node:vm";
import { answers, inBigQuery, inSnowflake, split, whole } from "./aggregates.mjs";
import { aggregateBody, aggregateOf, cases } from "./install.mjs";

const bigquery = inBigQuery("identity_components");
const snowflake = (fresh) => inSnowflake("identity_components", fresh);
const groups = cases("identity_components");
const listOf = ({ arguments: { rows } }) => rows.map(({ id_a: a = null, id_b: b = null }) => [a, b]);
const planOf = (group) => whole(listOf(group));
const splitPlanOf = (group, index) => split(listOf(group), index);
const expected = ({ result }) => ({ value: result });
const byBytes = (a, b) => Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));

// A second implementation, from docs/semantics.md: every identifier takes the smaller name of each link until nothing changes.
function reference(links) {
  const names = new Map(links.flat().filter((side) => side !== null).map((side) => [side, side]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const [a, b] of links) {
      if (a === null || b === null || names.get(a) === names.get(b)) continue;
      const [smaller] = [names.get(a), names.get(b)].sort(byBytes);
      names.set(a, smaller).set(b, smaller);
      changed = true;
    }
  }
  return [...names].sort(([a], [b]) => byBytes(a, b)).map(([identifier, id]) => ({ identifier, canonical_id: id }));
}

describe("the random partitions", () => {
  test("are many, and of all kinds", () => {
    assert.ok(groups.length >= 10_000);
    const links = groups.flatMap(listOf);
    assert.ok(links.filter(([a, b]) => a === null || b === null).length > 1000);
    assert.ok(groups.filter(({ result }) => result.length === 0).length > 100);
    const sizes = groups.map(({ result }) => {
      const counts = new Map();
      for (const { canonical_id: id } of result) counts.set(id, (counts.get(id) ?? 0) + 1);
      return [...counts.values()];
    });
    assert.ok(sizes.filter((found) => Math.max(0, ...found) > 20).length > 1000);
    assert.ok(sizes.filter((found) => found.length > 10).length > 1000);
    const otherwise = ({ result }) => result.map((row) => row.identifier).sort().some((text, at) => text !== result[at].identifier);
    assert.ok(groups.filter(otherwise).length > 1000);
  });

  test("have the native rows that a second implementation gives", () => {
    for (const group of groups) assert.deepEqual(group.result, reference(listOf(group)), JSON.stringify(group.arguments));
  });
});

for (const [engine, within] of Object.entries(bigquery)) {
  describe(`BigQuery's aggregate in ${engine}`, () => {
    test("gives the native rows", () => {
      const got = within((call) => answers(call, groups.map(planOf)));
      groups.forEach((group, index) => assert.deepEqual(got[index], expected(group), JSON.stringify(group.arguments)));
    });

    test("gives the same in every order of aggregate, merge, serialize and deserialize", () => {
      const got = within((call) => answers(call, groups.map(splitPlanOf)));
      groups.forEach((group, index) => assert.deepEqual(got[index], expected(group), JSON.stringify(group.arguments)));
    });
  });
}

for (const fresh of [false, true]) {
  test(`Snowflake's table function gives the native rows, its object ${fresh ? "made anew" : "kept"}`, () => {
    const got = answers(snowflake(fresh), groups.map(planOf));
    groups.forEach((group, index) => assert.deepEqual(got[index], expected(group), JSON.stringify(group.arguments)));
  });
}

describe("what is documented", () => {
  const { examples } = aggregateOf("identity_components");
  const promised = examples.map(({ result }) => ({ value: result }));

  test("is what Snowflake's table function gives", () => {
    assert.deepEqual(answers(snowflake(true), examples.map(planOf)), promised);
  });

  test("is what BigQuery's aggregate gives", () => {
    assert.deepEqual(bigquery["isolated-vm"]((call) => answers(call, examples.map(planOf))), promised);
  });
});

describe("a large partition", () => {
  const size = 100_000;
  const name = (number) => `n${String(number).padStart(6, "0")}`;
  const oneCluster = (links) => {
    const [{ value }] = bigquery["isolated-vm"]((call) => answers(call, [split(links, 7)]));
    assert.equal(value.length, size + 1);
    value.forEach((row, at) => assert.ok(row.identifier === name(at) && row.canonical_id === name(0), row.identifier));
  };

  test("that is a chain is one cluster, in any order and in several states", () => {
    oneCluster(Array.from({ length: size }, (_, link) => [name(link), name(link + 1)]));
  });

  test("that is one hub is one cluster", () => {
    oneCluster(Array.from({ length: size }, (_, link) => [name(link + 1), name(0)]));
  });

  test("of pairs keeps them apart", () => {
    const links = Array.from({ length: size / 2 }, (_, pair) => [name(2 * pair), name(2 * pair + 1)]);
    const [{ value }] = answers(snowflake(true), [whole(links)]);
    assert.equal(value.length, size);
    value.forEach((row, at) => assert.ok(row.identifier === name(at) && row.canonical_id === name(at - (at % 2))));
  });
});

test("a state holds identifiers and where they belong, however many links there were", () => {
  const body = aggregateBody("bigquery", "identity_components").replaceAll(/^export /gm, "");
  const packed = vm.runInContext(
    `${body}
    const state = initialState();
    for (let link = 0; link < 5000; link++) aggregate(state, "a" + (link % 3), link % 7 === 0 ? null : "b");
    JSON.stringify(serialize(state));`,
    vm.createContext({}),
  );
  const { identifiers, parents, ...rest } = JSON.parse(packed);
  assert.deepEqual([identifiers.toSorted(), parents.length, rest], [["a0", "a1", "a2", "b"], 4, {}]);
});
