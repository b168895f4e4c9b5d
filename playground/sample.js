// The sample population, which build.mjs makes of sample/*.csv.
import { inflated } from "./plg.js";
import { unpack } from "./sample/unpack.js";

/**
 * {
 *   asOf: the moment that the sample is looked at, ISO-8601,
 *   model: the text of the starter model,
 *   workspaces: [{workspace_id, name, account, subscriptions, users: [{user_id, …}], events: [{user_id, event, occurred_at}]}],
 *   files: {the name of a file of sample/: its rows, as objects of texts},
 * }
 */
export async function load() {
  return unpack(await new Response(await inflated("sample.bin")).json());
}
