// Links as persons: what identity_resolve says, and a graph of it.

/** What identifies an identifier on this page. */
export const keyOf = (type, value) => `${type}:${value}`;

/**
 * Resolves links with guardrails: `{problem}` with the path in the settings if these do not fit, else `{result}` of identity_resolve.
 * `shared` holds keys of identifiers that are several people's.
 */
export function resolve(plg, { links, settings, shared, ledger, asOf }) {
  let compiled;
  try {
    compiled = new plg.PersonSettings(settings);
  } catch (error) {
    const found = /^plg\.\w+: (settings[^:]*): ([\s\S]*)$/.exec(error.message);
    return { problem: found ? { path: found[1], problem: found[2] } : { path: "settings", problem: error.message } };
  }
  try {
    return { result: compiled.identityResolve(sides(links, shared), ledger, asOf) };
  } catch (error) {
    return { problem: { path: "settings", problem: error.message } };
  } finally {
    compiled.free();
  }
}

/** The links with what is known to be shared. */
export function sides(links, shared) {
  const known = new Set(shared);
  return links.map(({ line, ...link }) => ({
    ...link,
    left_shared: known.has(keyOf(link.left_type, link.left_value)) ? 1 : (link.left_shared ?? 0),
    right_shared: known.has(keyOf(link.right_type, link.right_value)) ? 1 : (link.right_shared ?? 0),
  }));
}

/** What a guardrail did, in a sentence. */
export function sentence(row) {
  const left = `${row.left_type} ${row.left_value}`;
  const pair = `${left} and ${row.right_type} ${row.right_value} stay apart`;
  const links = row.link_count === 1 ? "its link is" : `its ${row.link_count} links are`;
  return {
    blocked_value: `${left} is nobody's: ${links} refused`,
    shared: `${left} is shared: ${links} refused`,
    hub: `${left} has too many links: all ${row.link_count} are refused`,
    unique_type: `${pair}: one person has one ${row.limited_type}`,
    type_limit: `${pair}: the person would have too many of ${row.limited_type}`,
    cluster_size: `${pair}: the person would have too many identifiers`,
  }[row.reason];
}

/**
 * The graph of a result: `nodes`, one per identifier, with the number of its person (persons in the order of their first identifier),
 * and `edges`, one per different link between two identifiers, with the reason if it was refused.
 */
export function graph(links, result) {
  const persons = new Map();
  const nodes = result.identifiers.map((identifier) => {
    const { canonical_id: id } = identifier;
    if (!persons.has(id)) persons.set(id, persons.size);
    return { ...identifier, key: keyOf(identifier.identifier_type, identifier.identifier), person: persons.get(id) };
  });
  const byKey = new Map(nodes.map((node) => [node.key, node]));
  const refused = new Map();
  for (const row of result.audit) {
    if (row.right_value === null) continue;
    refused.set(pairOf(keyOf(row.left_type, row.left_value), keyOf(row.right_type, row.right_value)), row.reason);
  }
  const edges = new Map();
  for (const link of links) {
    const left = byKey.get(keyOf(link.left_type, link.left_value));
    const right = byKey.get(keyOf(link.right_type, link.right_value));
    if (!left || !right || left === right) continue;
    const pair = pairOf(left.key, right.key);
    const reason = left.demoted ?? right.demoted ?? refused.get(pair) ?? null;
    // A link that identity_resolve ignores, such as one after as_of, may lie between two persons without a reason.
    if (reason === null && left.person !== right.person) continue;
    edges.set(pair, { source: left, target: right, reason });
  }
  return { nodes, edges: [...edges.values()], persons: persons.size };
}

const pairOf = (one, other) => (one < other ? JSON.stringify([one, other]) : JSON.stringify([other, one]));
