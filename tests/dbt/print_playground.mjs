// What the playground says of the sample: facts and users of each workspace, and the score of its events rolled up by day,
// as the dbt package hands them over. node print_playground.mjs <root of the repository>
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(process.argv[2]);
const load = (path) => import(pathToFileURL(join(root, path)));
const plg = await load("pkg/plg_udfs.js");
await plg.default({ module_or_path: await readFile(join(root, "pkg/plg_udfs_bg.wasm")) });
const { pack } = await load("playground/sample/pack.mjs");
const { unpack } = await load("playground/sample/unpack.js");
const { compile, inputs, score } = await load("playground/scoring.js");

/** One row per user, event and day. */
function rolledUp(events) {
  const days = new Map();
  for (const { user_id, event, occurred_at } of events) {
    const key = JSON.stringify([user_id, event, occurred_at.slice(0, 10)]);
    const row = days.get(key) ?? days.set(key, { user_id, event, occurred_at, count: 0, hours: {} }).get(key);
    row.count += 1;
    row.hours[occurred_at.slice(0, 13)] = (row.hours[occurred_at.slice(0, 13)] ?? 0) + 1;
    if (occurred_at > row.occurred_at) row.occurred_at = occurred_at;
  }
  return [...days.values()].map(({ hours, ...row }) => ({ ...row, max_per_hour: Math.max(...Object.values(hours)) }));
}

const sample = unpack(JSON.parse(JSON.stringify(await pack(root))));
const compiled = compile(plg, sample.model);
for (const workspace of sample.workspaces) {
  const input = inputs(compiled, workspace, workspace.events, Date.parse(sample.asOf));
  const { total } = score(compiled, { ...input, events: rolledUp(input.events) });
  console.log(JSON.stringify({ workspace_id: workspace.workspace_id, facts: input.facts, users: input.users, total }));
}
