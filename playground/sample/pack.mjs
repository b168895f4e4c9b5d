// The sample population of the repository (sample/*.csv), as small as the page wants it.
import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The moment at which the sample's history ends, as in the dbt project's tests. */
const AS_OF = "2026-07-01T00:00:00Z";

/** What panels read of whole files: the name, and how many rows at most. */
const FILES = { identity_links: 60 };

/** The rows of a CSV file as objects of texts; what is empty is null, as the warehouses load it. */
export function parse(text) {
  const rows = [];
  let row = [], field = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') field += c;
      else if (text[i + 1] === '"') (field += '"', i++);
      else quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === ",") (row.push(field), field = "");
    else if (c === "\n") (row.push(field), rows.push(row), row = [], field = "");
    else if (c !== "\r") field += c;
  }
  const [header, ...lines] = rows;
  return lines.map((line) => Object.fromEntries(header.map((name, i) => [name, line[i] || null])));
}

const boolean = (text) => (text === null ? null : text === "true");
const number = (text) => (text === null ? null : Number(text));
const seconds = (text) => Date.parse(text) / 1000;

/** Everything that sample.js unpacks. */
export async function pack(root) {
  const read = async (name) => parse(await readFile(join(root, "sample", `${name}.csv`), "utf8"));
  const [workspaces, accounts, subscriptions, memberships, users, events] = await Promise.all(
    ["workspaces", "accounts", "subscriptions", "memberships", "users", "events"].map(read),
  );
  const names = [...new Set(events.map(({ event }) => event).filter(Boolean))].sort();
  const accountOf = new Map(accounts.map((account) => [account.account_id, account]));
  const userOf = new Map(users.map((user) => [user.user_id, user]));
  const of = (rows, workspace) => rows.filter(({ workspace_id }) => workspace_id === workspace.workspace_id);

  return {
    asOf: AS_OF,
    model: await readFile(join(root, "udfs/score/documents/starter.json"), "utf8"),
    names,
    workspaces: workspaces.map((workspace) => {
      const joined = new Map(of(memberships, workspace).map((membership) => [membership.user_id, membership]));
      const own = of(events, workspace)
        // What has no name or no time is counted as ignored in the warehouse, and is no event here.
        .filter((event) => event.event && event.occurred_at)
        .sort((a, b) => seconds(a.occurred_at) - seconds(b.occurred_at));
      // Members, and whoever was seen without being one.
      const ids = [...new Set([...joined.keys(), ...own.map(({ user_id }) => user_id).filter(Boolean)])].sort();
      const account = accountOf.get(workspace.account_id);
      let at = 0;
      return {
        workspace_id: workspace.workspace_id,
        name: workspace.name,
        type: workspace.type ?? "prod",
        created_at: workspace.created_at,
        account: account && {
          employee_count: number(account.employee_count),
          // In lower case, as the conditions of models name them.
          industry: account.industry?.toLowerCase() ?? null,
          hq_region: account.hq_region?.toLowerCase() ?? null,
          uses_data_warehouse: boolean(account.uses_data_warehouse),
          has_business_domain: boolean(account.has_business_domain),
          segment: account.segment?.toLowerCase() ?? null,
          account_ae: account.account_ae,
        },
        subscriptions: of(subscriptions, workspace).map((row) => ({
          status: row.status, mrr: number(row.mrr), seats: number(row.seats_purchased), started_at: row.started_at,
          trial_ends_at: row.trial_ends_at, canceled_at: row.canceled_at,
        })),
        users: ids.map((id) => {
          const user = userOf.get(id) ?? {};
          return {
            user_id: id,
            role: user.role ?? null,
            seniority: user.seniority ?? null,
            persona: user.persona ?? null,
            is_student: boolean(user.is_student ?? null),
            has_personal_email: boolean(user.has_personal_email ?? null),
            is_in_target_function: boolean(user.is_in_target_function ?? null),
            is_workspace_admin: boolean(joined.get(id)?.is_workspace_admin ?? null),
            joined_at: joined.get(id)?.joined_at ?? null,
          };
        }),
        // Seconds since the event before, the name's and the user's place; -1 for no user.
        events: own.map((event) => {
          const since = seconds(event.occurred_at) - at;
          at += since;
          return [since, names.indexOf(event.event), event.user_id ? ids.indexOf(event.user_id) : -1];
        }),
      };
    }),
    files: Object.fromEntries(
      await Promise.all(Object.entries(FILES).map(async ([name, most]) => [name, (await read(name)).slice(0, most)])),
    ),
  };
}
