// What the panels Rules, Identity and Cohorts start with, out of sample/*.csv and the documents of the reference. It runs at build time:
// the page carries a few rows, not the files.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { parse } from "../sample/pack.mjs";
import { judge } from "./rule_rows.js";

/** The moment that the sample ends with. */
const AS_OF = "2026-07-01 00:00:00";

/** The people whose links the identity panel starts with: those behind one reception tablet, and everything else of theirs. */
const TABLET = "d-kiosk";
const PEOPLE = 5;

const COLUMNS = [
  { name: "user_id", type: "text" },
  { name: "total", type: "number" },
  { name: "plan", type: "text" },
  { name: "seats_used", type: "number" },
  { name: "seats_purchased", type: "number" },
  { name: "trial_ends_at", type: "timestamp" },
  { name: "is_unsubscribed", type: "boolean" },
];

/** What the sample does not have: somebody who wants no mail, and somebody of whom nothing is known. */
const MORE_ROWS = [
  ["no mail, please", "64", "free", "4", "5", "", "true"],
  ["nothing known", "", "", "", "", "", ""],
];

/** The samples of the panels, with the functions in the folder `pkg` and the files of the repository. */
export async function makeSamples(pkg, root) {
  const read = (path) => readFileSync(join(root, path), "utf8");
  const rows = (name) => parse(read(`sample/${name}.csv`));
  const plg = await import(pathToFileURL(join(pkg, "plg_udfs.js")));
  await plg.default({ module_or_path: readFileSync(join(pkg, "plg_udfs_bg.wasm")) });
  const users = rows("users");
  return {
    as_of: AS_OF,
    rules: rulesSample(plg, read, rows, users),
    links: linksSample(rows("identity_links")),
    guardrails: read("udfs/person/documents/guardrails.json"),
    units: users.map((user) => user.user_id),
  };
}

function rulesSample(plg, read, rows, users) {
  const rules = read("udfs/status/documents/user_status.txt");
  const model = new plg.ScoreModel(read("udfs/score/documents/starter.json"));
  const events = grouped(rows("events"), (event) => event.user_id);
  const members = grouped(rows("memberships"), (member) => member.workspace_id);
  const subscriptions = grouped(rows("subscriptions"), (subscription) => subscription.workspace_id);
  const workspaces = new Map([...members].flatMap(([id, all]) => all.map((member) => [member.user_id, id])));
  const all = users.map((user) => {
    const workspace = workspaces.get(user.user_id);
    const subscription = subscriptions.get(workspace)?.[0] ?? {};
    const { total } = model.scoreEvents(events.get(user.user_id) ?? [], user.role, `${AS_OF.replace(" ", "T")}Z`);
    return [
      user.user_id,
      `${Math.round(total * 10) / 10}`,
      subscription.plan ?? "",
      workspace ? `${members.get(workspace).length}` : "",
      subscription.seats_purchased ?? "",
      (subscription.trial_ends_at ?? "").replace("T", " ").replace("Z", ""),
      "false",
    ];
  });
  model.free();
  const { rows: judged } = judge(plg, { rules, columns: COLUMNS, rows: all, as_of: `${AS_OF.replace(" ", "T")}Z` });
  // One user of each plan and status: few rows, and much to see.
  const taken = new Set();
  const chosen = all.filter((_, index) => {
    const { status, facts } = judged[index];
    const kind = `${facts.plan}: ${status}`;
    return !taken.has(kind) && taken.add(kind);
  });
  return { text: rules, columns: COLUMNS, rows: [...chosen, ...MORE_ROWS] };
}

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

function linksSample(links) {
  const people = new Set(
    links
      .filter((link) => link.left_value === TABLET)
      .slice(0, PEOPLE)
      .map((link) => link.right_value),
  );
  const addresses = new Set(links.filter((link) => people.has(link.left_value)).map((link) => link.right_value));
  const kept = links.filter(
    (link) => people.has(link.left_value) || people.has(link.right_value) || (link.left_type === "email" && addresses.has(link.left_value)),
  );
  const heads = ["left_type", "left_value", "right_type", "right_value", "first_seen", "last_seen"];
  return [heads, ...kept.map((link) => heads.map((head) => link[head] ?? ""))].map((row) => row.join(",")).join("\n");
}
