//! Links between identifiers to one canonical id per cluster.
//!
//! Plain connected components: they are unique, so the answer cannot depend on the order or the partitioning of the links
//! (`docs/semantics.md`, "Identity").

use crate::Result;
use crate::abi::{Output, Texts};
use crate::sort::sort_by;
use alloc::vec::Vec;

/// No identifier.
const NONE: u32 = u32::MAX;

/// Merges the links `(id_a[i], id_b[i])` into clusters and writes, per identifier in UTF-8 byte order, the identifier and the
/// smallest identifier of its cluster.
///
/// A NULL on one side links nothing, but the other side is still an identifier of its own; an identifier may be any text.
/// Never fails.
pub fn identity_merge(id_a: Texts<'_>, id_b: Texts<'_>, out: &mut Output) -> Result<()> {
    let mut interned = Interned::with_capacity(id_a.len() + id_b.len());
    for link in 0..id_a.len() {
        let left = id_a.get(link).map(|bytes| interned.add(bytes, 2 * link as u32));
        let right = id_b.get(link).map(|bytes| interned.add(bytes, 2 * link as u32 + 1));
        if let (Some(left), Some(right)) = (left, right) {
            interned.union(left, right);
        }
    }
    let mut order: Vec<u32> = (0..interned.nodes.len() as u32).collect();
    let nodes = &interned.nodes;
    sort_by(&mut order, |&a, &b| {
        let (a, b) = (&nodes[a as usize], &nodes[b as usize]);
        // The first eight bytes as one number decide most comparisons.
        if a.prefix != b.prefix { a.prefix < b.prefix } else { a.bytes < b.bytes }
    });
    out.list(order.len());
    for &node in &order {
        let root = interned.find(node);
        // Identifiers come in order: the first of a cluster is its smallest.
        if interned.nodes[root as usize].canonical == NONE {
            interned.nodes[root as usize].canonical = node;
        }
        let canonical = interned.nodes[root as usize].canonical;
        out.double(interned.nodes[node as usize].reference as f64);
        out.double(interned.nodes[canonical as usize].reference as f64);
    }
    Ok(())
}

/// An identifier in the union-find forest.
struct Node<'a> {
    bytes: &'a [u8],
    /// The first eight bytes, big-endian, padded with zeros: orders like the bytes where it differs.
    prefix: u64,
    hash: u32,
    /// Where the text first stood among the call's texts.
    reference: u32,
    parent: u32,
    size: u32,
    /// The smallest identifier of the cluster, at its root, once known.
    canonical: u32,
}

/// Identifiers by their bytes, in an open-addressing table of node numbers, at most half full.
struct Interned<'a> {
    nodes: Vec<Node<'a>>,
    table: Vec<u32>,
}

impl<'a> Interned<'a> {
    fn with_capacity(texts: usize) -> Self {
        let mut table = Vec::new();
        table.resize((texts * 2).next_power_of_two().max(16), NONE);
        Interned { nodes: Vec::with_capacity(texts), table }
    }

    fn add(&mut self, bytes: &'a [u8], reference: u32) -> u32 {
        let (hash, prefix) = hash_and_prefix(bytes);
        let mask = self.table.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let node = self.table[slot];
            if node == NONE {
                break;
            }
            let known = &self.nodes[node as usize];
            if known.hash == hash && known.prefix == prefix && known.bytes == bytes {
                return node;
            }
            slot = (slot + 1) & mask;
        }
        let node = self.nodes.len() as u32;
        self.table[slot] = node;
        self.nodes.push(Node { bytes, prefix, hash, reference, parent: node, size: 1, canonical: NONE });
        node
    }

    fn find(&mut self, mut node: u32) -> u32 {
        loop {
            let parent = self.nodes[node as usize].parent;
            if parent == node {
                return node;
            }
            // Path halving: every other node on the way skips its parent.
            let grandparent = self.nodes[parent as usize].parent;
            self.nodes[node as usize].parent = grandparent;
            node = grandparent;
        }
    }

    fn union(&mut self, left: u32, right: u32) {
        let (left, right) = (self.find(left), self.find(right));
        if left == right {
            return;
        }
        let (large, small) = if self.nodes[left as usize].size >= self.nodes[right as usize].size {
            (left, right)
        } else {
            (right, left)
        };
        self.nodes[small as usize].parent = large;
        self.nodes[large as usize].size += self.nodes[small as usize].size;
    }
}

/// A multiplicative hash over words of eight bytes, and the first of them.
pub(crate) fn hash_and_prefix(bytes: &[u8]) -> (u32, u64) {
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut words = bytes.chunks_exact(8);
    let mut hash = bytes.len() as u64;
    let mut prefix = None;
    let mut mix = |word: u64| {
        prefix.get_or_insert(word);
        hash = (hash ^ word).wrapping_mul(MULTIPLIER);
        hash ^= hash >> 29;
    };
    for word in &mut words {
        mix(u64::from_be_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]));
    }
    let tail = words.remainder();
    if !tail.is_empty() {
        let word = tail.iter().fold(0, |word, &byte| word << 8 | byte as u64);
        mix(word << (64 - 8 * tail.len()));
    }
    hash = hash.wrapping_mul(MULTIPLIER);
    ((hash >> 32) as u32, prefix.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::Input;
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec;
    use proptest::prelude::*;

    type Link = (Option<String>, Option<String>);

    /// Calls through a frame, as a host does.
    fn merge(links: &[Link]) -> Vec<(String, String)> {
        let sides = links.iter().map(|link| &link.0).chain(links.iter().map(|link| &link.1));
        let (mut spans, mut text) = (Vec::new(), Vec::new());
        let text_start = 64 + 16 * links.len();
        for side in sides {
            match side {
                None => spans.extend([0, crate::abi::NULL_LENGTH]),
                Some(side) => {
                    spans.extend([(text_start + text.len()) as u32, side.len() as u32]);
                    text.extend_from_slice(side.as_bytes());
                }
            }
        }
        let count = links.len() as u32;
        // Rows; list: spans, elements; id_a; id_b. The list's one span stands at 32, the columns from 64 on.
        let mut words = vec![1, 32, count, 64, 64 + 8 * count, 0, 0, 0, 0, count];
        words.resize(16, 0);
        words.extend(&spans);
        let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend(&text);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let buffer: Vec<u64> = bytes.chunks(8).map(|word| u64::from_le_bytes(word.try_into().unwrap())).collect();
        let mut input = Input::new(&buffer);
        let list = input.list().unwrap();
        let (id_a, id_b) = (input.element_texts(&list).unwrap(), input.element_texts(&list).unwrap());
        let mut out = Output::default();
        identity_merge(id_a, id_b, &mut out).unwrap();
        let name = |reference: f64| {
            let link = &links[reference as usize / 2];
            if (reference as usize).is_multiple_of(2) { link.0.clone().unwrap() } else { link.1.clone().unwrap() }
        };
        assert_eq!(out.stream.len(), 1 + 2 * out.stream[0] as usize);
        out.stream[1..].chunks(2).map(|pair| (name(pair[0]), name(pair[1]))).collect()
    }

    /// Every identifier takes the smaller name of each link until nothing changes.
    fn reference(links: &[Link]) -> Vec<(String, String)> {
        let sides = links.iter().flat_map(|(a, b)| [a, b]).flatten();
        let mut canonical: BTreeMap<String, String> = sides.map(|side| (side.clone(), side.clone())).collect();
        loop {
            let mut changed = false;
            for link in links {
                if let (Some(a), Some(b)) = link {
                    let smallest = canonical[a].clone().min(canonical[b].clone());
                    for side in [a, b] {
                        changed |= canonical.insert(side.clone(), smallest.clone()) != Some(smallest.clone());
                    }
                }
            }
            if !changed {
                return canonical.into_iter().collect();
            }
        }
    }

    fn links() -> impl Strategy<Value = Vec<Link>> {
        let identifier = prop_oneof![
            1 => Just(None),
            8 => (0u8..40).prop_map(|number| Some(number.to_string())),
            4 => (0u8..40).prop_map(|number| Some(alloc::format!("a long common prefix {number}"))),
            1 => "[a\\u{0}é\u{ff5e}\u{1f600}]{0,3}".prop_map(Some),
        ];
        prop::collection::vec((identifier.clone(), identifier), 0..60)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn clusters_are_those_of_the_reference(links in links()) {
            prop_assert_eq!(merge(&links), reference(&links));
        }

        #[test]
        fn neither_order_nor_direction_nor_repetition_matters(links in links(), turn in any::<bool>()) {
            let mut other: Vec<Link> = links.iter().rev().cloned().collect();
            if turn {
                other.iter_mut().for_each(|link| core::mem::swap(&mut link.0, &mut link.1));
            }
            other.extend_from_slice(&links);
            prop_assert_eq!(merge(&links), merge(&other));
        }

        /// Any share of the links may be merged by itself, on another machine or in an earlier run.
        #[test]
        fn parts_that_are_merged_and_merged_again_give_one_merge(links in links(), parts in prop::collection::vec(0..4usize, 60)) {
            let mut shares = vec![Vec::new(); 4];
            for (link, &part) in links.iter().zip(&parts) {
                shares[part].push(link.clone());
            }
            let merged = shares.iter().flat_map(|share| merge(share));
            let again: Vec<Link> = merged.map(|(identifier, canonical)| (Some(identifier), Some(canonical))).collect();
            prop_assert_eq!(merge(&again), merge(&links));
        }

        #[test]
        fn added_links_only_merge_and_removed_ones_only_split(links in links(), fewer in 0..60usize) {
            let fewer = merge(&links[..fewer.min(links.len())]);
            let many: BTreeMap<String, String> = merge(&links).into_iter().collect();
            for (identifier, canonical) in &fewer {
                prop_assert_eq!(&many[identifier], &many[canonical]);
            }
        }
    }

    #[test]
    fn a_long_chain_is_one_cluster() {
        let links: Vec<Link> =
            (0..100_000).map(|link| (Some(alloc::format!("n{link}")), Some(alloc::format!("n{}", link + 1)))).collect();
        let merged = merge(&links);
        assert_eq!(merged.len(), 100_001);
        assert!(merged.iter().all(|(_, canonical)| canonical == "n0"));
    }
}
