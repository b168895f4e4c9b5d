// The opposite of pack.mjs, in the page.

/** The sample with its events as objects: {user_id, event, occurred_at}. */
export function unpack({ names, ...sample }) {
  for (const workspace of sample.workspaces) {
    let at = 0;
    workspace.events = workspace.events.map(([seconds, event, user]) => {
      at += seconds;
      return {
        user_id: user < 0 ? null : workspace.users[user].user_id,
        event: names[event],
        occurred_at: new Date(at * 1000).toISOString().replace(".000", ""),
      };
    });
  }
  return sample;
}
