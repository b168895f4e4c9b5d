// The aggregate for the JavaScript warehouses: an expression whose value has what BigQuery's and Snowflake's bodies call.
// A state holds identifiers and which of them are connected, never links: so it is as large as what comes back, and links
// may come in any order, repeat, and be split among states that are merged. src/identity.rs does the same with a list.
(function () {
  // `parents` has for each node the number of another node of its cluster, or at the cluster's root minus its size.
  function start() {
    return { identifiers: [], parents: [], nodes: new Map() };
  }

  function nodeOf(state, identifier) {
    let node = state.nodes.get(identifier);
    if (node === undefined) {
      node = state.identifiers.length;
      state.nodes.set(identifier, node);
      state.identifiers.push(identifier);
      state.parents.push(-1);
    }
    return node;
  }

  function rootOf(parents, node) {
    let parent = parents[node];
    while (parent >= 0) {
      const above = parents[parent];
      if (above < 0) return parent;
      // Path halving: every other node on the way skips its parent.
      parents[node] = above;
      node = above;
      parent = parents[node];
    }
    return node;
  }

  function connect(state, a, b) {
    const parents = state.parents;
    let large = rootOf(parents, a);
    let small = rootOf(parents, b);
    if (large === small) return;
    if (parents[large] > parents[small]) [large, small] = [small, large];
    parents[large] += parents[small];
    parents[small] = large;
  }

  // Takes a link; null and undefined are NULL.
  function add(state, idA, idB) {
    const a = idA == null ? -1 : nodeOf(state, idA);
    const b = idB == null ? -1 : nodeOf(state, idB);
    if (a >= 0) if (b >= 0) connect(state, a, b);
  }

  // Takes over what another state knows: each of its identifiers is connected with the root of its cluster.
  function merge(state, other) {
    other.identifiers.forEach((identifier, node) => {
      const root = rootOf(other.parents, node);
      connect(state, nodeOf(state, identifier), nodeOf(state, other.identifiers[root]));
    });
  }

  // The state as BigQuery stores it: fields that are lists of texts or of numbers.
  function pack(state) {
    return { identifiers: state.identifiers.slice(), parents: state.parents.slice() };
  }

  function unpack(packed) {
    const identifiers = packed.identifiers.slice();
    const nodes = new Map(identifiers.map((identifier, node) => [identifier, node]));
    return { identifiers, parents: packed.parents.slice(), nodes };
  }

  // The rows of the result. Identifiers come in order, so the first of a cluster is its smallest.
  function finish(state) {
    const smallest = new Map();
    return sortTexts(state.identifiers.slice()).map((identifier) => {
      const root = rootOf(state.parents, state.nodes.get(identifier));
      let canonical = smallest.get(root);
      if (canonical === undefined) smallest.set(root, (canonical = identifier));
      return { identifier, canonical_id: canonical };
    });
  }

  return { start, add, merge, pack, unpack, finish };
})();
