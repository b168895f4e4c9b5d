// Assignments as the public standards make them: Unleash by its client specification, GrowthBook by its own SDK.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { test } from "node:test";
import { answers as all } from "./contexts.mjs";
import { encode } from "./conventions.mjs";
import { bodies, catalogue, warehouses } from "./install.mjs";

const standards = process.env.PLG_STANDARDS;
if (!standards) throw new Error("PLG_STANDARDS is not set: run `cargo xtask test --only sandbox`");

// A function's answers to many calls.
function answers(warehouse, name, calls) {
  const entry = catalogue.functions.find((candidate) => candidate.name === name);
  const encoded = calls.map((given) => encode(entry, catalogue.documents, given, warehouse));
  return all("isolated-vm", bodies(warehouse).get(name), encoded).map(({ value, error }) => error ?? value);
}

const folder = path.join(standards, "@unleash/client-specification/specifications");
const specifications = readdirSync(folder)
  .filter((file) => file !== "index.json")
  .map((file) => JSON.parse(readFileSync(path.join(folder, file), "utf8")));

// What a unit is assigned by: the field that sticks, or the first of userId and sessionId that the context has.
const sticky = (context, field) =>
  field === undefined || field === "default"
    ? (context.userId ?? context.sessionId)
    : (context[field] ?? context.properties?.[field]);

// A strategy as group, percentage and field, if it decides by these alone.
function rollout({ name, parameters = {}, constraints = [], segments = [] }) {
  if (constraints.length > 0 || segments.length > 0) return undefined;
  const { groupId, percentage, rollout: share, stickiness } = parameters;
  if (name === "gradualRolloutUserId") return { groupId, percentage: Number(percentage), field: "userId" };
  if (name === "gradualRolloutSessionId") return { groupId, percentage: Number(percentage), field: "sessionId" };
  if (name === "flexibleRollout" && stickiness !== "random")
    return { groupId, percentage: Number(share), field: stickiness };
  return undefined;
}

const tests = (kind) =>
  specifications.flatMap(({ name, state, [kind]: cases = [] }) =>
    cases.map((given) => ({ ...given, name, feature: state?.features?.find((one) => one.name === given.toggleName) })),
  );

for (const warehouse of warehouses) {
  test(`gradual roll-outs are those of Unleash's client specification, on ${warehouse}`, () => {
    const cases = tests("tests").flatMap(({ description, context, feature, expectedResult }) => {
      const decides = feature?.enabled && feature.strategies?.length === 1 && !feature.dependencies;
      const by = decides && rollout(feature.strategies[0]);
      const unit_id = by && sticky(context, by.field);
      return unit_id ? [{ description, unit_id, by, expectedResult }] : [];
    });
    const calls = cases.map(({ unit_id, by }) => ({ unit_id, seed: by.groupId, method: "unleash" }));
    const numbers = answers(warehouse, "cohort_bucket", calls);
    cases.forEach(({ description, by, expectedResult }, index) =>
      assert.equal(numbers[index] <= by.percentage, expectedResult, description),
    );
    assert.ok(cases.length >= 12, `${cases.length} cases`);
  });

  test(`variants are those of Unleash's client specification, on ${warehouse}`, () => {
    const cases = tests("variantTests").flatMap(({ description, context, feature, expectedResult }) => {
      if (!expectedResult.enabled || feature?.dependencies) return [];
      const strategy = feature.strategies?.find(({ variants = [] }) => variants.length > 0);
      const variants = strategy?.variants ?? feature.variants;
      const unit_id = sticky(context, variants[0].stickiness);
      if (unit_id === undefined) return [];
      const forced = variants.findIndex(({ overrides = [] }) =>
        overrides.some(({ contextName, values }) => values.includes(sticky(context, contextName))),
      );
      const call = {
        unit_id,
        seed: strategy?.parameters.groupId ?? feature.name,
        weights: variants.map(({ weight }) => weight),
        coverage: 1,
        previous: forced < 0 ? undefined : forced,
        method: "unleash",
      };
      return [{ description, call, names: variants.map(({ name }) => name), expected: expectedResult.name }];
    });
    const chosen = answers(warehouse, "cohort_rollout", cases.map(({ call }) => call));
    cases.forEach(({ description, names, expected }, index) =>
      assert.equal(names[chosen[index]], expected, description),
    );
    assert.ok(cases.length >= 20, `${cases.length} cases`);
  });
}

const { GrowthBook, StickyBucketService } = createRequire(import.meta.url)(
  path.join(standards, "@growthbook/growthbook"),
);

// Keeps what it was given, as a product's own store would.
class Store extends StickyBucketService {
  docs = new Map();
  async getAssignments(name, value) {
    return this.docs.get(`${name}||${value}`) ?? null;
  }
  async saveAssignments(doc) {
    this.docs.set(`${doc.attributeName}||${doc.attributeValue}`, doc);
  }
}

// A fixed sequence of numbers from 0 to 1 (mulberry32).
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let word = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

// Experiments and units, ASCII and not.
function experiments(count) {
  const next = random(20_260_701);
  const pieces = ["u", "7", "42", "user-", "Hellø", "φ", "你好", "\u{1f60a}", "\u{ff5e}", " ", "é", "e\u0301", "'", '"'];
  const text = () => Array.from({ length: 1 + next() * 5 }, () => pieces[Math.floor(next() * pieces.length)]).join("");
  return Array.from({ length: count }, () => {
    const parts = Array.from({ length: 1 + next() * 4 }, () => Math.floor(next() * 100));
    const sum = parts.reduce((a, b) => a + b, 0) || 1;
    const weights = parts.length === 1 ? [0.5, 0.5] : parts.map((part) => part / sum);
    const range = [Math.floor(next() * 10) / 10, Math.floor(next() * 11) / 10].sort();
    return {
      unit_id: text(),
      seed: text(),
      weights: weights.some((weight) => weight > 0) ? weights : [1, 0],
      coverage: next() < 0.3 ? 1 : Math.floor(next() * 101) / 100,
      namespace: next() < 0.5 ? [text(), ...range] : undefined,
      previous: next() < 0.2 ? Math.floor(next() * (parts.length + 1)) : undefined,
    };
  });
}

async function variantOfTheSdk({ unit_id, seed, weights, coverage, namespace, previous }) {
  const stickyBucketService = new Store();
  if (previous !== undefined) {
    const assignments = { experiment__0: `variant ${previous}` };
    await stickyBucketService.saveAssignments({ attributeName: "id", attributeValue: unit_id, assignments });
  }
  const growthbook = new GrowthBook({ attributes: { id: unit_id }, stickyBucketService });
  await growthbook.refreshStickyBuckets({ experiments: [{ hashAttribute: "id" }], features: {} });
  const { inExperiment, variationId } = growthbook.run({
    key: "experiment",
    seed,
    hashVersion: 2,
    variations: weights.map((_, index) => index),
    meta: weights.map((_, index) => ({ key: `variant ${index}` })),
    weights,
    coverage,
    namespace,
  });
  growthbook.destroy();
  return inExperiment ? variationId : null;
}

for (const warehouse of warehouses) {
  test(`variants are those of GrowthBook's SDK, on ${warehouse}`, async () => {
    const cases = experiments(4000);
    const expected = [];
    for (const given of cases) expected.push(await variantOfTheSdk(given));
    const variants = answers(
      warehouse,
      "cohort_rollout",
      cases.map((given) => ({ ...given, method: "growthbook" })),
    );
    const namespaced = cases.map(({ unit_id, namespace = ["", 0, 1] }) => ({
      unit_id,
      namespace: namespace[0],
      range_start: namespace[1],
      range_end: namespace[2],
    }));
    const inside = answers(warehouse, "cohort_in_namespace", namespaced);
    // As SQL has it: a variant that somebody already has stands, and the namespace comes before a new one.
    const stands = ({ previous, weights }) => previous < weights.length;
    cases.forEach((given, index) => {
      const got = stands(given) || inside[index] ? variants[index] : null;
      assert.equal(got, expected[index], JSON.stringify(given));
    });
    assert.ok(expected.filter((variant) => variant === null).length > 500);
    assert.ok(expected.filter((variant) => variant > 0).length > 500);
    assert.ok(cases.filter(stands).length > 300);
  });
}
