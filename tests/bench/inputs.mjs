// The rows of the benchmarks in V8, the same for ours and for the baselines, and the same on every machine. A row is
// the list of a function's arguments as BigQuery's wrapper hands them over.
import { readFileSync } from "node:fs";
import path from "node:path";

const root = process.env.PLG_ROOT;
if (!root) throw new Error("PLG_ROOT is not set: run `cargo xtask bench`");
const document = (...names) => readFileSync(path.join(root, "udfs", ...names), "utf8");

const DAY = 86400000000;
// 2026-06-30T12:00:00Z.
const AS_OF = 1782820800000000;

function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Fifty events of the last sixty days, in any order, raw and without counts as most teams have them; one in ten is of a
// kind that the model does not know.
function scoreEvents(rows) {
  const next = random(1);
  const model = document("score", "documents", "starter.json");
  const names = JSON.parse(model).events.map((rule) => rule.event);
  const roles = ["workspace_admin", "manager", "target_ic", "student", "intern"];
  const event = () => ({
    event: next() < 0.1 ? "settings_page_opened" : names[Math.floor(next() ** 2 * names.length)],
    occurred_at: AS_OF - Math.floor(next() * 60 * DAY),
    count: null,
  });
  return Array.from({ length: rows }, () => [
    Array.from({ length: 50 }, event),
    roles[Math.floor(next() * roles.length)],
    model,
    AS_OF,
  ]);
}

// Eight rules over six facts.
function facts(next) {
  const plans = ["free", "trial", "business", "enterprise", "team", null];
  return {
    is_unsubscribed: next() < 0.1,
    plan: plans[Math.floor(next() * plans.length)],
    total: next() < 0.05 ? null : Math.round(next() * 1000) / 10,
    seats_used: Math.floor(next() * 40),
    seats_purchased: next() < 0.2 ? null : 5 * Math.floor(next() * 10),
    trial_ends_at: next() < 0.5 ? null : new Date((AS_OF + (next() - 0.5) * 60 * DAY) / 1000).toISOString(),
  };
}

function statusCase(rows) {
  const next = random(2);
  const rules = document("status", "documents", "user_status.txt");
  return Array.from({ length: rows }, () => [JSON.stringify(facts(next)), rules, AS_OF]);
}

function statusCaseObjects(rows) {
  return statusCase(rows).map(([row, rules, asOf]) => [JSON.parse(row), rules, asOf]);
}

// A hundred links between the identifiers of some thirty people.
function identityMerge(rows) {
  const next = random(3);
  const identifier = (person) => {
    const kind = Math.floor(next() * 4);
    if (kind === 0) return `user:${10000 + person}`;
    if (kind === 1) return `person${person}@example.com`;
    if (kind === 2) return `crm:00Q${person}5e0000`;
    return `device:${(person * 7919 + Math.floor(next() * 3) * 104729).toString(16).padStart(12, "0")}`;
  };
  return Array.from({ length: rows }, () => [
    Array.from({ length: 100 }, () => {
      const person = Math.floor(next() * 30);
      return { id_a: identifier(person), id_b: identifier(next() < 0.05 ? person + 1 : person) };
    }),
  ]);
}

// Benchmark -> the catalogue's function, the baseline's file below tests/baseline and its function, and how to make
// rows.
export const benchmarks = {
  v8_score_events: { function: "score_events", baseline: "scoreEvents", rows: scoreEvents },
  v8_status_case: { function: "status_case", baseline: "statusCase", rows: statusCase },
  v8_status_case_objects: { function: "status_case", baseline: "statusCase", rows: statusCaseObjects },
  v8_identity_merge: { function: "identity_merge", baseline: "identityMerge", rows: identityMerge },
};

// The source of a baseline.
export function baseline(name) {
  return readFileSync(path.join(root, "tests", "baseline", `${name}.js`), "utf8");
}
